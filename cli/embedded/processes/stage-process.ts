import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import type { ClockAnchor } from '../../../functions/clock.ts'
import type { StageName } from '../../../functions/ports.ts'
import { type PrintAllowance, PrintedLines } from './printed-lines.ts'
import { type Ports, type ToChild, type ToParent, received, sendable } from './ipc.ts'
import { milliseconds } from '../../../core/words.ts'

const entry = new URL(`child${extname(import.meta.url)}`, import.meta.url)
/**
 * This setting makes glibc use one heap for all threads. By default, glibc creates a heap for each thread, and does not return memory that V8's
 * compiler threads have freed. A single heap saves 12 MiB in a worker with 900 users.
 */
const oneHeap = { MALLOC_ARENA_MAX: '1' }
/**
 * burst keeps the last 4096 characters of a process's stderr. If the process ends before it has completed its orders, the error message quotes the
 * first error line in these characters.
 */
const stderrCap = 4096

export interface ProcessOptions {
  ports: Ports
  build: string
  /** The start of the run's clock. */
  anchor: ClockAnchor
  /** The URL of the module that exports `stages`. */
  stages: string
  /** The folder for temporary files of the process. Default: burst's own temporary folder. */
  workFolder?: string | undefined
  /** The `process.env` of the process. Default: the environment of this process. */
  environment?: NodeJS.ProcessEnv | undefined
  log(event: string, fields?: Record<string, unknown>): void
  /** Shows the output of a process, mainly output of the user's `console.log`. */
  printed: PrintAllowance
}

export interface Order {
  stage: StageName
  event: unknown
  limitMs: number
}

/** Starts a process for a stage. Its default environment is the environment of this process. */
export function forkStage(environment: NodeJS.ProcessEnv = process.env): ChildProcess {
  // The process has a separate session. A Ctrl-C in the terminal then signals only the parent, which stops the run gracefully.
  return fork(entry, [], {
    serialization: 'advanced',
    execArgv: [],
    detached: true,
    env: { ...oneHeap, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}

type Outcome = { value: unknown } | { error: Error }

interface Undertaken {
  order: Order
  settle: (outcome: Outcome) => void
}

/** One child process that carries out orders, possibly several at the same time. When the process ends, all its orders fail. */
export class StageProcess {
  readonly #options: ProcessOptions
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  readonly #undertaken = new Map<number, Undertaken>()
  #numbers = 0
  #stderr = ''
  #overdue: Order | undefined

  /** @param child a process of `forkStage` that has not received an order yet */
  constructor(options: ProcessOptions, child = forkStage(options.environment)) {
    this.#options = options
    this.#child = child
    const outputs = this.#listen()
    this.#exited = new Promise((resolve) => {
      const end = (sentence: () => string): void => {
        const heard = Promise.all(outputs.map(async (output) => output.end()))
        void heard.then(() => this.#failAll(sentence())).then(resolve)
      }
      this.#child.once('error', (error) => this.pid === undefined && end(() => error.message))
      this.#child.once('exit', (code, signal) => end(() => this.#endInWords(code, signal)))
    })
    this.#child.on('message', (message: ToParent) => this.#receive(message))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get alive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The number of orders that the process is carrying out. */
  get orders(): number {
    return this.#undertaken.size
  }

  /** Resolves when the process has ended. */
  get exited(): Promise<void> {
    return this.#exited
  }

  /** Carries out an order. Rejects with the stage's error, or with an error whose message says how the process ended. */
  async run(order: Order): Promise<unknown> {
    const { build, stages, workFolder, anchor } = this.#options
    const number = this.#numbers++
    const overdue = setTimeout(() => {
      this.#overdue ??= order
      this.kill()
    }, order.limitMs)
    try {
      const outcome = await new Promise<Outcome>((settle) => {
        this.#undertaken.set(number, { order, settle })
        if (this.alive) this.#write({ kind: 'run', order: number, build, stages, workFolder, anchor, ...order })
        else this.#failAll(this.#endInWords(this.#child.exitCode, this.#child.signalCode))
      })
      if ('error' in outcome) throw outcome.error
      return outcome.value
    } finally {
      clearTimeout(overdue)
    }
  }

  /** Closes the channel. The process then ends by itself. If it does not end within 3 s, this function kills it. */
  release(): void {
    if (!this.#child.connected) return
    this.#child.disconnect()
    // Only a bug in burst can keep the process alive, because the main thread of a stage does not run user code.
    const stuck = setTimeout(() => this.kill(), 3000)
    void this.#exited.then(() => clearTimeout(stuck))
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #receive(message: ToParent): void {
    if (message.kind === 'done') this.#finish(message.order, { value: message.value })
    else if (message.kind === 'failed') this.#finish(message.order, { error: received(message.error) })
    else if (message.kind === 'log') this.#options.log(message.event, message.fields)
    else void this.#serve(message)
  }

  async #serve({ call, port, args }: Extract<ToParent, { kind: 'call' }>): Promise<void> {
    try {
      const act = this.#options.ports[port] as (...given: unknown[]) => Promise<unknown>
      this.#write({ kind: 'answer', call, value: await act(...args) })
    } catch (error) {
      this.#write({ kind: 'refusal', call, error: sendable(error) })
    }
  }

  #write(message: ToChild): void {
    if (!this.#child.connected) return
    this.#child.send(message, undefined, {}, (error) => {
      if (error) this.#options.log('a stage did not accept a message', { pid: this.pid, error: error.message })
    })
  }

  #finish(number: number, outcome: Outcome): void {
    this.#undertaken.get(number)?.settle(outcome)
    this.#undertaken.delete(number)
  }

  /** Fails all orders because the process has ended. */
  #failAll(sentence: string): void {
    for (const [number, { order }] of this.#undertaken)
      this.#finish(number, { error: new Error(this.#overdue ? overdueInWords(this.#overdue, order) : sentence) })
  }

  #listen(): PrintedLines[] {
    const { stdout, stderr } = this.#child
    stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.subarray(-stderrCap).toString()).slice(-stderrCap)
    })
    const outputs = [stdout, stderr].filter((stream) => stream !== null)
    return outputs.map((stream) => new PrintedLines(stream, this.#options.printed))
  }

  #endInWords(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#stderr.includes('heap out of memory')) return 'its process ran out of memory'
    const last = this.#stderr
      .trim()
      .split('\n')
      .find((line) => /^\w*Error\b|^node: /.test(line))
    const how = signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`
    return `its process ${how}${last ? `: ${last}` : ''}`
  }
}

/**
 * burst kills a process when one of its orders takes too long. All orders of this process then fail. Returns the reason why `order` failed.
 * @param overdue the order that took too long
 */
function overdueInWords(overdue: Order, order: Order): string {
  const tooLong = `took longer than ${milliseconds(overdue.limitMs)}`
  return overdue === order ? tooLong : `its process was ended because the stage ${overdue.stage} ${tooLong}`
}
