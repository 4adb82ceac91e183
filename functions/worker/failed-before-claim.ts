/** The name of the error, which Lambda reports as `errorType`. */
export const failedBeforeClaim = 'FailedBeforeClaim'

/**
 * The error of a worker that failed before it tried to claim its slice. An invocation may be delivered twice, so another copy of the invocation may
 * hold the claim and run the slice. The name of the error tells the coordinator that the failed worker did not hold the claim. Without this name, the
 * coordinator would mistake the failure for the loss of the worker that holds the claim.
 */
export class FailedBeforeClaim extends Error {
  override readonly name = failedBeforeClaim

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/**
 * Runs a worker.
 * @param claim claims the slice
 * @param run receives a function that claims the slice
 * @throws FailedBeforeClaim if the worker fails before it tries to claim the slice; a later error is thrown unchanged
 */
export async function markingEarlyFailures(
  claim: () => Promise<boolean>,
  run: (claim: () => Promise<boolean>) => Promise<void>,
): Promise<void> {
  let claims = false
  try {
    await run(async () => {
      claims = true
      return claim()
    })
  } catch (error) {
    throw claims ? error : new FailedBeforeClaim(error)
  }
}
