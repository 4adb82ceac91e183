import { GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { FilterLogEventsCommand, CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { GetFunctionCommand } from '@aws-sdk/client-lambda'
import type { Account } from './account.ts'

/** One right of one function: what is taken away to see whether it is missed. */
export interface Right {
  /** The function's output in the stack, e.g. `WorkerFunction`. */
  stage: string
  action: string
  /** Where: the end of the resource's name, from the last `:` or the bucket on. */
  place: string
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

const policyName = 'stage'

/** The policies of the functions' roles, as they stand in the account. */
export class Rights {
  readonly #iam: IAMClient
  readonly #logs: CloudWatchLogsClient
  readonly #roles = new Map<string, { role: string; logGroup: string; policy: Policy }>()

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
      pairs(policy).map(({ action, resource }) => ({ stage, action, place: placeOf(resource) })),
    )
  }

  /** Does the work while the right is taken away. */
  async without<T>(right: Right, work: () => Promise<T>): Promise<T> {
    const { role, policy } = this.#held(right.stage)
    const left = pairs(policy).filter(
      ({ action, resource }) => action !== right.action || placeOf(resource) !== right.place,
    )
    const statements = left.map(({ action, resource }) => ({ Effect: 'Allow', Action: action, Resource: resource }))
    await this.#put(role, { ...policy, Statement: statements })
    try {
      return await work()
    } finally {
      await this.#put(role, policy)
    }
  }

  /** Lines in which a function said that something was denied to it, since a moment. */
  async denials(sinceMs: number): Promise<string[]> {
    const groups = [...this.#roles.values()].map(({ logGroup }) => logGroup)
    const found = await Promise.all(
      groups.map((logGroupName) =>
        this.#logs.send(new FilterLogEventsCommand({ logGroupName, startTime: sinceMs })).catch(() => ({ events: [] })),
      ),
    )
    const lines = found.flatMap(({ events = [] }) => events.map(({ message = '' }) => message))
    return lines.filter((line) => /not authorized|access ?denied|forbidden/i.test(line))
  }

  #held(stage: string): { role: string; policy: Policy } {
    const held = this.#roles.get(stage)
    if (!held) throw new Error(`${stage} has no role here`)
    return held
  }

  async #put(role: string, policy: Policy): Promise<void> {
    const PolicyDocument = JSON.stringify(policy)
    await this.#iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: policyName, PolicyDocument }))
  }
}

function pairs({ Statement }: Policy): { action: string; resource: string }[] {
  return Statement.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))),
  )
}

/** A place in the bucket without the name of the bucket; other resources by their name. */
function placeOf(resource: string): string {
  const name = resource.split(':').slice(5).join(':')
  return resource.startsWith('arn:aws:s3:') ? name.split('/').slice(1).join('/') : (name.split(':').at(-1) ?? name)
}
