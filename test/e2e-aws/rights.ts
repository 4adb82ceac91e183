import { GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { FilterLogEventsCommand, CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { GetFunctionCommand } from '@aws-sdk/client-lambda'
import type { Account } from './account.ts'

/** One action of one statement of one function's policy: what is taken away to see whether it is missed. */
export interface Right {
  /** The function's output in the stack, e.g. `WorkerFunction`. */
  stage: string
  /** Which of the policy's statements. */
  statement: number
  action: string
  /** What people know it by, e.g. `WorkerFunction sqs:SendMessage burst-QueuesWindows`. */
  name: string
}

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: string | string[]
}

interface Policy {
  Version: string
  Statement: Statement[]
}

interface Held {
  role: string
  logGroup: string
  policy: Policy
}

const policyName = 'stage'

/** The policies of the functions' roles, as they stand in the account. */
export class Rights {
  readonly #iam: IAMClient
  readonly #logs: CloudWatchLogsClient
  readonly #roles = new Map<string, Held>()

  private constructor(account: Account) {
    this.#iam = new IAMClient(account.settings)
    this.#logs = new CloudWatchLogsClient(account.settings)
  }

  static async of(account: Account, stages: readonly string[]): Promise<Rights> {
    const rights = new Rights(account)
    for (const stage of stages) {
      const name = await account.output(stage)
      const { Configuration } = await account.lambda.send(new GetFunctionCommand({ FunctionName: name }))
      const role = Configuration?.Role?.split('/').at(-1) ?? ''
      const found = await rights.#iam.send(new GetRolePolicyCommand({ RoleName: role, PolicyName: policyName }))
      const policy = JSON.parse(decodeURIComponent(found.PolicyDocument ?? '')) as Policy
      rights.#roles.set(stage, { role, logGroup: `/aws/lambda/${name}`, policy })
    }
    return rights
  }

  all(): Right[] {
    return [...this.#roles].flatMap(([stage, { policy }]) =>
      policy.Statement.flatMap(({ Action, Resource }, statement) =>
        [Action]
          .flat()
          .map((action) => ({ stage, statement, action, name: `${stage} ${action} ${placeOf(Resource)}` })),
      ),
    )
  }

  /** Does the work while the right is taken away. */
  async without<T>(right: Right, work: () => Promise<T>): Promise<T> {
    const { role, policy } = this.#held(right.stage)
    const left = policy.Statement.map((one, index) =>
      index === right.statement ? { ...one, Action: [one.Action].flat().filter((each) => each !== right.action) } : one,
    )
    await this.#put(role, { ...policy, Statement: left.filter(({ Action }) => Action.length > 0) })
    try {
      return await work()
    } finally {
      await this.#put(role, policy)
    }
  }

  /** Lines in which a function, at work on a run, said that a right was denied to it. */
  async denials({ stage, action }: Right, run: string): Promise<string[]> {
    const { logGroup } = this.#held(stage)
    const { events = [] } = await this.#logs
      .send(new FilterLogEventsCommand({ logGroupName: logGroup }))
      .catch(() => ({ events: [] }))
    // MiniStack gives every invocation a stream of its own.
    const ofRun = new Set(events.filter(({ message }) => message?.includes(run)).map((one) => one.logStreamName))
    const lines = events.filter((one) => ofRun.has(one.logStreamName)).map(({ message = '' }) => message)
    return lines.filter((line) => /not authorized|AWS denies/.test(line) && line.includes(action))
  }

  #held(stage: string): Held {
    const held = this.#roles.get(stage)
    if (!held) throw new Error(`${stage} has no role here`)
    return held
  }

  async #put(role: string, policy: Policy): Promise<void> {
    const PolicyDocument = JSON.stringify(policy)
    await this.#iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: policyName, PolicyDocument }))
  }
}

/** Places in the bucket without its name, queues and functions by theirs; what CloudFormation makes up is left out. */
function placeOf(resource: string | string[]): string {
  const names = [resource].flat().map((one) => one.split(':').slice(5).join(':'))
  if ([resource].flat()[0]?.startsWith('arn:aws:s3:'))
    return names.map((name) => name.split('/').slice(1).join('/')).join()
  return names
    .map((name) => (name.split(':').at(-1) ?? name).replace(/^(burst-Queues[A-Za-z]+?)[A-F\d]{8}-.*$/, '$1'))
    .join()
}
