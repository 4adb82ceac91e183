import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { keys } from '../keys.ts'
import type { Store } from '../ports.ts'
import { type ClientNeeds, clientSettings } from './settings.ts'

/** Credentials that reach one run only; as the SDK takes them. */
export interface RunCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** What the credentials of a run give access to. */
export interface RunPlaces {
  /** ARN of the role that is assumed. */
  role: string
  bucketArn: string
  /** ARN of the queue that takes the workers' messages. */
  queueArn: string
  /** ARN of the user's own key; undefined: keys that AWS manages. */
  keyArn: string | undefined
}

/** The longest that a role may be assumed by a role (IAM User Guide, "Role chaining"). */
const validS = 3600
/** Credentials with less left than an invocation's 15 minutes and some are replaced. */
const leastLeftMs = 20 * 60_000

/**
 * Hands out credentials for the workers of a run. The role of the workers' function has next to no rights, because a scenario is
 * somebody's code and can use them; what a worker needs is in these credentials, which are of no use for any other run.
 */
export class RunAccess {
  readonly #client: STSClient
  readonly #places: RunPlaces
  readonly #store: Store
  readonly #held = new Map<string, { until: number; credentials: Promise<RunCredentials> }>()

  constructor(client: STSClient, places: RunPlaces, store: Store) {
    this.#client = client
    this.#places = places
    this.#store = store
  }

  /**
   * Credentials for a worker of the run, good for at least an invocation.
   * @throws BurstError (97) when the run has no plan
   */
  async of(run: string): Promise<RunCredentials> {
    const now = Date.now()
    const held = this.#held.get(run)
    if (held && held.until - now > leastLeftMs) return held.credentials
    const credentials = this.#assume(run)
    this.#held.set(run, { until: now + validS * 1000, credentials })
    // What failed is tried anew by whoever asks next.
    credentials.catch(() => this.#held.delete(run))
    return credentials
  }

  async #assume(run: string): Promise<RunCredentials> {
    const stored = await this.#store.get(keys.plan(run))
    if (!stored) throw new BurstError('runFailed', `there is no run called ${run}`)
    const { bundle } = JSON.parse(stored.body) as RunPlan
    const { Credentials } = await this.#client.send(
      new AssumeRoleCommand({
        RoleArn: this.#places.role,
        RoleSessionName: sessionName(run),
        DurationSeconds: validS,
        Policy: JSON.stringify(runPolicy(this.#places, { run, bundle })),
      }),
    )
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
  }
}

/** Session names have at most 64 characters. */
function sessionName(run: string): string {
  return run.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64)
}

/** What a worker does: it reads what its run needs, leaves its claim, and sends its messages. */
export function runPolicy(places: RunPlaces, { run, bundle }: { run: string; bundle: string }): object {
  const at = (key: string): string => `${places.bucketArn}/${key}`
  const read = [
    keys.halt,
    keys.bundle(bundle),
    keys.plan(run),
    keys.control(run),
    keys.secret(run),
    keys.variables(run),
  ]
  const claims = at(`${keys.claims(run)}*`)
  const hooks = at(keys.hook(run, 'beforeRun'))
  const allow = (Action: string | string[], Resource: string | string[]) => ({ Effect: 'Allow', Action, Resource })
  return {
    Version: '2012-10-17',
    Statement: [
      allow('s3:GetObject', [...read.map(at), hooks, claims]),
      allow('s3:PutObject', claims),
      allow('sqs:SendMessage', places.queueArn),
      ...(places.keyArn === undefined ? [] : [allow(['kms:Decrypt', 'kms:GenerateDataKey'], places.keyArn)]),
    ],
  }
}

export function stsClient(needs: ClientNeeds): STSClient {
  return new STSClient(clientSettings(needs))
}
