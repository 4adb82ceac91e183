import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { BurstError } from '../../core/errors.ts'
import { messageOf } from '../../core/verdict/completeness/loss.ts'
import type { HookEvent, WindowHookEvent, WorkerEvent } from '../events.ts'
import type { FailedInvocation, Invoker, StageName } from '../ports.ts'
import type { Failures } from './failures.ts'
import type { RunAccess } from './run-credentials.ts'
import { type ClientNeeds, clientSettings } from './client-settings.ts'

/** The maximum size of the event of an asynchronous invocation: 1 MB (Lambda Developer Guide, "Lambda quotas"). */
const mostBytes = 1_000_000

/** Function names by stage. A stage without a name cannot be invoked. */
export type StageFunctions = Partial<Record<StageName, string>>

/** Starts the stages as Lambda functions, and does not wait until they end. */
export class LambdaInvoker implements Invoker {
  readonly #client: LambdaClient
  readonly #functions: StageFunctions
  readonly #failures: Failures
  readonly #access: Pick<RunAccess, 'of'>

  /**
   * Creates an invoker.
   * @param access issues the credentials for the workers and hooks of a run
   */
  constructor(client: LambdaClient, functions: StageFunctions, failures: Failures, access: Pick<RunAccess, 'of'>) {
    this.#access = access
    this.#client = client
    this.#functions = functions
    this.#failures = failures
  }

  /**
   * Starts a stage.
   * @throws BurstError (97) when the event is too large, when the stage or the run does not exist, or when AWS permanently refuses the credentials or
   * the invocation. If a later invocation may succeed, throws the error of the SDK instead.
   */
  async invoke(stage: StageName, event: unknown): Promise<void> {
    const FunctionName = this.#functions[stage]
    if (FunctionName === undefined) throw new BurstError('runFailed', `there is no function for the stage ${stage}`)
    const mark = await this.#failures.markOf((event as { run: string }).run)
    const complete = await this.#complete(stage, event)
    const Payload = Buffer.from(JSON.stringify(mark === undefined ? complete : { ...(complete as object), mark }))
    if (Payload.length > mostBytes) {
      throw new BurstError(
        'runFailed',
        `the event for ${stage} has ${Payload.length} bytes; Lambda accepts at most ${mostBytes}`,
      )
    }
    try {
      await this.#client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }))
    } catch (error) {
      if (isPassing(error)) throw error
      throw new BurstError('runFailed', `Lambda does not start ${FunctionName}: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }

  async #complete(stage: StageName, event: unknown): Promise<unknown> {
    if (stage !== 'worker' && stage !== 'hook') return event
    const order = event as WorkerEvent | HookEvent | WindowHookEvent
    try {
      return { ...order, credentials: await this.#access.of(order.run, stage) }
    } catch (error) {
      if (error instanceof BurstError || isPassing(error)) throw error
      throw new BurstError(
        'runFailed',
        `AWS refuses credentials for the ${stage} of run ${order.run} (${nameOf(error)})`,
        {
          hint: 'run burst deploy to restore the roles of the stack and their trust policies',
          cause: error,
        },
      )
    }
  }

  async failed(run: string): Promise<FailedInvocation[]> {
    return this.#failures.of(run)
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error)
}

/** Returns whether an error may be temporary. Examples are throttling, a function that is being changed, a fault in Lambda, and a network error. */
function isPassing(error: unknown): boolean {
  const { $metadata, name } = error as { $metadata?: { httpStatusCode?: number }; name?: string }
  const status = $metadata?.httpStatusCode
  // Checks not only the status but also the name of the error, because STS returns status 400 when it is busy.
  return status === undefined || /throttl/i.test(name ?? '') || status >= 500 || [408, 409, 429].includes(status)
}

export function lambdaClient(needs: ClientNeeds): LambdaClient {
  return new LambdaClient(clientSettings(needs))
}
