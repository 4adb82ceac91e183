import { type CountingOptions, type CountingTarget, startCountingTarget } from './counting-target.ts'

/** Starts a counting target for a single test, so that tests can run concurrently. The target is closed when the test has finished. */
export async function ownTarget(
  onTestFinished: (close: () => Promise<void>) => void,
  options: CountingOptions = {},
): Promise<CountingTarget> {
  const target = await startCountingTarget(options)
  onTestFinished(() => target.close())
  return target
}
