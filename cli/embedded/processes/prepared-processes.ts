import type { ChildProcess } from 'node:child_process'
import type { ExpectedLoad, PreparedStage, ToChild } from './ipc.ts'
import { forkStage } from './stage-process.ts'

/**
 * Processes that start and load the code of a stage while their run is still being planned. The environment of these processes is the environment of
 * this process.
 */
export class PreparedProcesses {
  readonly #waiting = new Map<ChildProcess, PreparedStage>()

  /** @param expected the expected load. If the plan has a different load, the run starts later, because burst must start the engines again. */
  constructor(stages: readonly PreparedStage[], expected: ExpectedLoad = { workers: 1, users: 1 }) {
    for (const stage of stages) {
      const child = forkStage()
      // Removes a process that could not be started. The run then starts a new process. If this start also fails, the run reports the error.
      child.on('error', () => this.#waiting.delete(child))
      child.on('exit', () => this.#waiting.delete(child))
      child.send({ kind: 'prepare', stage, expected } satisfies ToChild, () => undefined)
      this.#waiting.set(child, stage)
    }
  }

  /** Returns the ids of the waiting processes. */
  get pids(): number[] {
    return [...this.#waiting.keys()].map((child) => child.pid).filter((pid) => pid !== undefined)
  }

  /** Returns a process that was prepared for the stage; undefined if no such process is left. */
  take(stage: PreparedStage): ChildProcess | undefined {
    for (const [child, prepared] of this.#waiting) {
      if (prepared !== stage) continue
      this.#waiting.delete(child)
      if (child.connected && child.exitCode === null && child.signalCode === null) return child
    }
    return undefined
  }

  /** If more than `most` processes were prepared for a stage, ends the surplus processes. */
  limit(stage: PreparedStage, most: number): void {
    const ofStage = [...this.#waiting].filter(([, prepared]) => prepared === stage)
    for (const [child] of ofStage.slice(most)) this.#end(child)
  }

  /** Ends the processes that the run does not need. */
  close(): void {
    for (const child of this.#waiting.keys()) this.#end(child)
  }

  #end(child: ChildProcess): void {
    this.#waiting.delete(child)
    if (child.connected) child.disconnect()
  }
}
