import type { RunEvent } from '../../../core/authoring/run-event.ts'
import type { CountedCall, CountedOutcome } from './counted-call.ts'
import type { Failure } from './http/failure.ts'
import type { RunningUser } from './users/context.ts'

/** Converts a failed request to the event that `onEvent` receives. */
export function failureEvent(
  { plan, url }: CountedCall,
  { index, userClass }: RunningUser,
  { response }: CountedOutcome,
  { kind, message }: Failure,
): RunEvent {
  const { method, name } = plan.row
  return {
    type: 'failure',
    user: index,
    class: userClass.name,
    method,
    name,
    url,
    status: response.status,
    kind,
    message,
  }
}
