import type { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { BurstError } from '../../../core/errors.ts'
import { shortened } from '../../../core/verdict/completeness/loss.ts'
import type { Place } from '../place.ts'
import type { Stack } from '../find-stack.ts'
import { commandSettings } from '../../../functions/aws/client-settings.ts'

/** The time in milliseconds between two reads of the stack's state. */
const pollMs = { aws: 3000, emulator: 300 } as const
/** The maximum time in milliseconds that a deletion may take. */
const patienceMs = 30 * 60_000
/**
 * If the stack is in a failed state before the deletion, the first 10 reads may still return this old state. If a later read returns the same failed
 * state, the deletion has failed.
 */
const mostOldStates = 10

/**
 * Deletes the stack with CloudFormation, and waits until the stack is deleted.
 * @throws BurstError (97) when the deletion fails or takes longer than 30 minutes; the SDK's error when the deletion is refused. In all these cases,
 * the data is not deleted.
 */
export async function deleteStack(
  place: Place,
  { id, bucket, state }: Stack,
  say: (line: string) => void,
): Promise<void> {
  const cfn = await import('@aws-sdk/client-cloudformation')
  const client = new cfn.CloudFormationClient(commandSettings)
  try {
    await client.send(new cfn.DeleteStackCommand({ StackName: id }))
    say('deleting the stack …')
    const until = performance.now() + patienceMs
    for (let reads = 1, isOld = true; performance.now() < until; reads++) {
      const { status, reason } = await statusOf(client, id)
      if (status === 'DELETE_COMPLETE') return
      isOld &&= status === state && reads <= mostOldStates
      if (!isOld && !isDeleting(status))
        throw notDeleted(`the stack could not be deleted (${status}): ${shortened(reason)}`, bucket)
      await new Promise((resolve) => setTimeout(resolve, place.endpoint === undefined ? pollMs.aws : pollMs.emulator))
    }
    throw notDeleted('the stack was not deleted within 30 minutes', bucket)
  } finally {
    client.destroy()
  }
}

/**
 * Returns true if the deletion is in progress or has not started. Immediately after the request to delete the stack, CloudFormation may still report
 * the state from before the deletion. A state that ends in `_COMPLETE`, except `DELETE_COMPLETE`, is always the state from before the deletion. A
 * failed state may also be the result of this deletion, so `deleteStack` compares a failed state with the state from before the deletion.
 */
function isDeleting(status: string): boolean {
  return status === 'DELETE_IN_PROGRESS' || (status.endsWith('_COMPLETE') && !status.startsWith('DELETE'))
}

function notDeleted(message: string, bucket: string): BurstError {
  return new BurstError('runFailed', message, {
    hint: `burst has not changed s3://${bucket}, the bucket of the runs; look at the stack's events in the CloudFormation console`,
  })
}

async function statusOf(client: CloudFormationClient, id: string): Promise<{ status: string; reason: string }> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: id }))
    return {
      status: stack?.StackStatus ?? 'DELETE_COMPLETE',
      reason: stack?.StackStatusReason ?? 'CloudFormation gives no reason',
    }
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return { status: 'DELETE_COMPLETE', reason: '' }
    throw error
  }
}
