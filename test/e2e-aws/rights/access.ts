import { IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { Report } from '../../../core/report/report.ts'
import { type LimitedStage, policies } from '../../../functions/aws/run-credentials.ts'
import { keys } from '../../../functions/keys.ts'
import type { Account } from '../account.ts'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** Keys within the folder of a run: one example for each kind of object. */
const objects = [
  'plan.json',
  'control.json',
  'variables.json',
  'secret',
  'coordinator.json',
  'hooks/beforeRun',
  'claims/0-0',
  'handover/0-0/0',
  'shards/0.json',
  'windows/0/0-x',
  'failures/x',
  'unreadable/x',
  'report.json',
]
/** The key of the object that marks the second run as active. This object is not in the folder of the run. */
const mark = keys.active('other')

interface Message {
  body: string
  /** The deduplication id of the message. Default: a new id. */
  id?: string
  /** The output of the stack that names the queue. Default: the queue for the messages of workers. */
  queue?: string
}

/** Finds out which kinds of access to a stack are allowed for given credentials. */
export class Access {
  readonly #account: Account
  readonly #run: Report['run']

  /** @param run a run that has ended. A second run, with the name `other`, exists only in the bucket. */
  constructor(account: Account, run: Report['run']) {
    this.#account = account
    this.#run = run
  }

  /** Creates the missing objects of a run, because for a missing object, the answer of an emulator differs from the answer of AWS. */
  async storeAll(run: string): Promise<void> {
    const stored = await this.#account.keys('')
    const wanted = [...objects.map((name) => `runs/${run}/${name}`), this.#bundleOf(run), mark]
    for (const key of wanted) if (!stored.includes(key)) await this.#account.put(key, '{}')
  }

  /** Tries every kind of access with these credentials. @returns the kinds of access that AWS does not deny, sorted */
  async allowedBy(credentials: Credentials, run: string): Promise<string[]> {
    const allowed: string[] = []
    for (const [kind, act] of [...this.#objectTries(credentials, run), ...this.#otherTries(credentials, run)])
      if (!(await isDenied(act()))) allowed.push(kind)
    return allowed.toSorted()
  }

  #objectTries(credentials: Credentials, run: string): [kind: string, act: () => Promise<unknown>][] {
    const s3 = new S3Client({ ...this.#account.settings, credentials, forcePathStyle: true })
    const places: [string, string][] = [
      ...objects.map((name): [string, string] => [name, `runs/${run}/${name}`]),
      ['the bundle', this.#bundleOf(run)],
      [mark, mark],
    ]
    return places.flatMap(([name, Key]) => [
      [`read ${name}`, async () => s3.send(new GetObjectCommand({ Bucket: await this.#bucket(), Key }))],
      // Writes the object with its current content, so that the content does not change.
      [
        `write ${name}`,
        async () =>
          s3.send(new PutObjectCommand({ Bucket: await this.#bucket(), Key, Body: await this.#account.object(Key) })),
      ],
    ])
  }

  #otherTries(credentials: Credentials, run: string): [kind: string, act: () => Promise<unknown>][] {
    const settings = { ...this.#account.settings, credentials }
    const [s3, sqs] = [new S3Client({ ...settings, forcePathStyle: true }), new SQSClient(settings)]
    const worker = { FunctionName: 'burst-worker', InvocationType: 'Event' } as const
    return [
      ['list the bucket', async () => s3.send(new ListObjectsV2Command({ Bucket: await this.#bucket() }))],
      ["send to the workers' queue", async () => this.send(sqs, run, { body: 'forged' })],
      ['send to the dead letters', async () => this.send(sqs, run, { body: 'forged', queue: 'DeadLetterQueueUrl' })],
      ['send to the failures', async () => sendFailure(sqs, await this.#account.output('FailuresQueueUrl'), 'forged')],
      ['invoke a worker', async () => new LambdaClient(settings).send(new InvokeCommand(worker))],
    ]
  }

  /** Sends a message to a queue, in the message group of the first shard of `run`. */
  async send(sqs: SQSClient, run: string, { body, id, queue = 'QueueUrl' }: Message): Promise<void> {
    const QueueUrl = await this.#account.output(queue)
    const MessageDeduplicationId = id ?? `${run}-${Math.random()}`
    await sqs.send(
      new SendMessageCommand({ QueueUrl, MessageBody: body, MessageGroupId: `${run}#0`, MessageDeduplicationId }),
    )
  }

  /**
   * Returns the credentials that the coordinator gives to the workers or hooks of the run. To get these credentials, this function lets the test's
   * own account assume the role that otherwise only the coordinator can assume.
   */
  async credentialsOf(stage: LimitedStage): Promise<Credentials> {
    const places = {
      role: 'arn:aws:iam::000000000000:role/burst-run-us-east-1',
      bucketArn: `arn:aws:s3:::${await this.#bucket()}`,
      queueArn: `arn:aws:sqs:us-east-1:000000000000:${(await this.#account.output('QueueUrl')).split('/').at(-1)}`,
      keyArn: undefined,
    }
    await this.#trustRoot(places.role.split('/').at(-1) ?? '')
    const Policy = JSON.stringify(policies[stage](places, { run: this.#run.id, bundle: this.#run.bundle }))
    const { Credentials } = await new STSClient(this.#account.settings).send(
      new AssumeRoleCommand({ RoleArn: places.role, RoleSessionName: 'test', Policy }),
    )
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
  }

  async #trustRoot(RoleName: string): Promise<void> {
    const Principal = { AWS: 'arn:aws:iam::000000000000:root' }
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] }
    const PolicyDocument = JSON.stringify(trust)
    await new IAMClient(this.#account.settings).send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
  }

  #bundleOf(run: string): string {
    return keys.bundle(run === this.#run.id ? this.#run.bundle : run)
  }

  async #bucket(): Promise<string> {
    return this.#account.output('BucketName')
  }
}

/** Sends a message about a failed invocation, as Lambda does. */
export async function sendFailure(sqs: SQSClient, QueueUrl: string, MessageBody: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))
}

/** Returns true if AWS denies the call. Any other error of the call fails the test. */
async function isDenied(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return false
  } catch (error) {
    if (/AccessDenied|not authorized/.test(`${(error as Error).name} ${(error as Error).message}`)) return true
    throw error
  }
}
