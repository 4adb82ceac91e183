import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { RunCredentials } from '../events.ts'
import { keys } from '../keys.ts'
import { readPlan } from '../read-plan.ts'
import type { Store } from '../ports.ts'
import { type ClientNeeds, clientSettings } from './client-settings.ts'

/** The resources to which the credentials of a run allow access. */
export interface RunPlaces {
  /** ARN of the role that burst assumes for the run. */
  role: string
  bucketArn: string
  /** ARN of the queue that receives the workers' messages. */
  queueArn: string
  /** ARN of the customer's own KMS key. Undefined if AWS manages the keys. */
  keyArn: string | undefined
}

/** If one role assumes another role, AWS limits the session to this many seconds (IAM User Guide, "Role chaining"). */
const validS = 3600
/**
 * The minimum validity of credentials: the 15 minutes of an invocation plus a reserve, in milliseconds. Credentials that expire sooner are replaced.
 */
const leastLeftMs = 20 * 60_000

/**
 * Issues credentials for the workers and hooks of a run. The credentials contain the permissions that a worker or a hook needs, and give no access to
 * the data of other runs. The Lambda functions for workers and hooks have roles with almost no permissions, because the code of a scenario can use
 * these roles, and this code may be untrusted. SQS cannot restrict access by message group, so the credentials allow a worker to send messages in the
 * name of other runs. Workers therefore sign messages, and the ids of messages cannot be guessed (`signature.ts`).
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
   * Returns credentials for a worker or a hook of the run, valid for at least one invocation.
   * @throws BurstError (97) when the run does not exist, or when its plan cannot be read; the error of STS when STS fails
   */
  async of(run: string, stage: LimitedStage): Promise<RunCredentials> {
    const now = Date.now()
    const key = `${stage} ${run}`
    const held = this.#held.get(key)
    if (held && held.until - now > leastLeftMs) return held.credentials
    const credentials = this.#assume(run, stage)
    this.#held.set(key, { until: now + validS * 1000, credentials })
    // If the role cannot be assumed, the failed promise is removed, so the next call tries to assume the role again.
    credentials.catch(() => this.#held.delete(key))
    return credentials
  }

  async #assume(run: string, stage: LimitedStage): Promise<RunCredentials> {
    const { bundle } = await readPlan(this.#store, run)
    const { Credentials } = await this.#client.send(
      new AssumeRoleCommand({
        RoleArn: this.#places.role,
        RoleSessionName: sessionName(run),
        DurationSeconds: validS,
        Policy: JSON.stringify(policies[stage](this.#places, { run, bundle })),
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

const allow = (Action: string | string[], Resource: string | string[]) => ({ Effect: 'Allow', Action, Resource })

/** Returns the policy of a worker. The worker may read the data of its run, write its claim, hand its users over, and send its messages. */
function workerPolicy(places: RunPlaces, { run, bundle }: { run: string; bundle: string }): object {
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
  const handovers = at(`${keys.handovers(run)}*`)
  const hooks = at(keys.hook(run, 'beforeRun'))
  return {
    Version: '2012-10-17',
    Statement: [
      allow('s3:GetObject', [...read.map(at), hooks, claims, handovers]),
      allow('s3:PutObject', [claims, handovers]),
      allow('sqs:SendMessage', places.queueArn),
      ...keyStatements(places),
    ],
  }
}

/** Returns the policy of a hook. The hook may read the data of its run and write its result. */
function hookPolicy(places: RunPlaces, { run, bundle }: { run: string; bundle: string }): object {
  const at = (key: string): string => `${places.bucketArn}/${key}`
  const read = [keys.bundle(bundle), keys.plan(run), keys.control(run), keys.variables(run)]
  const hooks = at(`${keys.hooks(run)}*`)
  return {
    Version: '2012-10-17',
    Statement: [
      allow('s3:GetObject', [...read.map(at), hooks]),
      allow('s3:PutObject', hooks),
      ...keyStatements(places),
    ],
  }
}

function keyStatements({ keyArn }: RunPlaces): object[] {
  return keyArn === undefined ? [] : [allow(['kms:Decrypt', 'kms:GenerateDataKey'], keyArn)]
}

/** The stages that run a scenario's code. */
export type LimitedStage = 'worker' | 'hook'
/** The session policies of the credentials, by stage. */
export const policies: Record<LimitedStage, typeof workerPolicy> = { worker: workerPolicy, hook: hookPolicy }

export function stsClient(needs: ClientNeeds): STSClient {
  return new STSClient(clientSettings(needs))
}
