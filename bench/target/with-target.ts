import { type ChildTarget, runInChild } from '../../test/targets/child.ts'
import { pin, targetCore } from '../measuring/machine.ts'

/** Runs the target in a separate process on its own core while `use` runs. */
export async function withTarget<T>(use: (target: ChildTarget) => Promise<T>): Promise<T> {
  const target = await runInChild('../../bench/target/target.ts')
  try {
    await pin(target.pid, targetCore)
    return await use(target)
  } finally {
    await target.close()
  }
}
