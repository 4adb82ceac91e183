import type { PlannedTask } from '../../../../core/plan/plan.ts'
import type { Census } from '../counting/presence.ts'
import { clearInterval, performance, setImmediate, setInterval } from '../../../guard/built-ins.ts'
import type { Executor, ExecutorContext } from './executor.ts'
import { SimulatedUser } from '../users/simulated-user.ts'
import { milliseconds } from '../../../../core/words.ts'

/** The interval, in milliseconds, at which burst checks whether the user still makes progress. */
const progressCheckMs = 100
const stuckByDefaultMs = 30_000
/**
 * Limits for a step that makes progress. burst ends the step after `mostRequests` requests, or after `mostTimesStuck * #stuckMs` milliseconds.
 * Without progress, burst ends the step after `#stuckMs` milliseconds.
 */
const mostRequests = 1_000
const mostTimesStuck = 10

/**
 * Runs `burst debug`: one user of each class does every task of the class once, in the order in which the file declares the tasks, without pauses
 * between the tasks. If a user waits forever, or leaves before it has done all tasks, another user does the remaining tasks. If a user ends before it
 * has begun any task, the remaining tasks of the class do not run.
 */
export class Rehearsal implements Executor {
  readonly done: Promise<void>
  readonly #engine: ExecutorContext
  readonly #stuckMs: number
  #user: SimulatedUser | undefined
  #life: Promise<void> = Promise.resolve()
  #doing = ''
  #stopped = false
  #resolveDone!: () => void

  constructor(engine: ExecutorContext, stuckMs = stuckByDefaultMs) {
    this.#engine = engine
    this.#stuckMs = stuckMs
    this.done = new Promise((resolve) => (this.#resolveDone = resolve))
  }

  take(): void {
    // `burst debug` runs from the beginning to the end.
  }

  inherit(): void {
    // `burst debug` takes over no users.
  }

  depart(): void {
    // No other worker follows.
  }

  startAt(): void {
    void this.#rehearse().then(() => this.#resolveDone())
  }

  catchUp(): void {
    // `burst debug` has no planned times.
  }

  present(): SimulatedUser[] {
    return []
  }

  replan(): void {}

  stop(graceMs: number): void {
    this.#stopped = true
    void this.#user?.stop(graceMs, this.#life)
  }

  leaveEarly(): void {
    const user = this.#user
    const life = this.#life
    setImmediate(() => void user?.stop(this.#engine.setup.plan.timing.drainMs, life))
  }

  census(): Census {
    return { users: this.#user && !this.#user.ended ? 1 : 0, draining: 0, leftAt: () => 0 }
  }

  async #rehearse(): Promise<void> {
    for (const [index, userClass] of this.#engine.classes.entries()) {
      const tasks = [...userClass.tasks]
      for (let life = 0, before = -1; tasks.length > 0 && tasks.length !== before && !this.#stopped; life++) {
        before = tasks.length
        await this.#oneLife(new SimulatedUser(this.#engine, index, life, userClass), tasks)
      }
    }
  }

  /** Runs a user until it ends or is given up. When the user begins a task, removes this task from `tasks`. */
  async #oneLife(user: SimulatedUser, tasks: PlannedTask[]): Promise<void> {
    this.#user = user
    this.#life = this.#engine.asUser(user, () => this.#live(user, tasks))
    const watch = this.#watch(user)
    await Promise.race([this.#life, watch.stuck])
    watch.end()
  }

  async #live(user: SimulatedUser, tasks: PlannedTask[]): Promise<void> {
    this.#doing = 'onStart'
    if (await user.start(this.#engine.clock.nowMs(), 1)) {
      while (!user.stopping && tasks.length > 0) {
        const task = tasks.shift() as PlannedTask
        this.#doing = `task ${task.name}`
        await user.iterate(task)
      }
    }
    this.#doing = 'onStop'
    await user.leave()
  }

  /** Watches the steps of the user. If a step does not end, counts an exception and resolves `stuck`, so that another user continues. */
  #watch(user: SimulatedUser): { stuck: Promise<void>; end(): void } {
    const { promise: stuck, resolve } = Promise.withResolvers<void>()
    let step = this.#step(performance.now())
    const timer = setInterval(() => {
      const nowMs = performance.now()
      if (step.doing !== this.#doing) step = this.#step(nowMs)
      if (!user.astray) step.astrayMs = nowMs
      const why = this.#whyGivenUp(step, nowMs)
      if (why === undefined) return
      clearInterval(timer)
      this.#engine.recorder.exception(new Error(`${user.userClass.name}, ${step.doing} did not end: ${why}`))
      void user.stop(0, this.#life).then(resolve)
    }, progressCheckMs)
    return { stuck, end: () => clearInterval(timer) }
  }

  #step(nowMs: number): Step {
    return { doing: this.#doing, beganMs: nowMs, astrayMs: nowMs, sentBefore: this.#sent }
  }

  /** The number of hops that the engine has written so far. */
  get #sent(): number {
    return Atomics.load(new Int32Array(this.#engine.setup.sent), 0)
  }

  #whyGivenUp({ astrayMs, beganMs, sentBefore }: Step, nowMs: number): string | undefined {
    if (nowMs - astrayMs >= this.#stuckMs) {
      return `it has spent ${milliseconds(this.#stuckMs)} waiting for something that is not a request or a pause`
    }
    if (this.#sent - sentBefore >= mostRequests) return `it has sent ${mostRequests} requests`
    const mostMs = mostTimesStuck * this.#stuckMs
    return nowMs - beganMs >= mostMs ? `it has run for ${milliseconds(mostMs)}` : undefined
  }
}

/**
 * The current step of a user. The step began at `beganMs`. Since `astrayMs`, the user's code has awaited something other than a request or a pause.
 */
interface Step {
  doing: string
  beganMs: number
  astrayMs: number
  sentBefore: number
}
