import { type ChildTarget, runInChild } from '../../test/targets/child.ts'
import { pin, targetCore } from './machine.ts'

/** Targets and reference clients as child processes that run on the core of the target. */
export class PinnedChildren {
  readonly #started: ChildTarget[] = []

  async start(module: string, options: object): Promise<ChildTarget> {
    const child = await runInChild(module, options)
    this.#started.push(child)
    await pin(child.pid, targetCore)
    return child
  }

  /** Stops the processes. The process that was started last is stopped first. */
  async close(): Promise<void> {
    for (const child of this.#started.toReversed()) await child.close()
  }
}
