import { GetRolePolicyCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { GetFunctionCommand } from '@aws-sdk/client-lambda'
import type { Account } from '../account.ts'
import type { Call } from '../emulators/calls.ts'

/** A permission: one role may do one action on one resource. */
export interface Right {
  role: string
  action: string
  /** The ARN of the resource; `*` matches any string. */
  resource: string
  /** A short name of the permission, e.g. `worker sqs:SendMessage burst-QueuesFailures`. */
  name: string
}

interface Statement {
  Action: string | string[]
  Resource: string | string[]
}

/** Returns the permissions that the role of a function has in the account. */
export async function rightsOfFunction(account: Account, FunctionName: string): Promise<Right[]> {
  const { Configuration } = await account.lambda.send(new GetFunctionCommand({ FunctionName }))
  return rightsOf(account, { role: FunctionName, RoleName: Configuration?.Role?.split('/').at(-1) ?? '' })
}

/** Returns the permissions of the role that workers and hooks use. */
export async function rightsOfRun(account: Account): Promise<Right[]> {
  const { Roles = [] } = await new IAMClient(account.settings).send(new ListRolesCommand())
  const RoleName = Roles.map((one) => one.RoleName ?? '').find((name) => name.startsWith('burst-run-'))
  if (RoleName === undefined) throw new Error('the account has no role for runs')
  return rightsOf(account, { role: 'burst-run', RoleName })
}

async function rightsOf(account: Account, { role, RoleName }: { role: string; RoleName: string }): Promise<Right[]> {
  const iam = new IAMClient(account.settings)
  const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'stage' }))
  const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument)) as { Statement: Statement[] }
  return Statement.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) =>
      [Resource].flat().map((resource) => ({
        role,
        action,
        resource,
        name: `${role.replace('burst-', '')} ${action} ${placeOf(resource)}`,
      })),
    ),
  )
}

/** Returns true if the call needs the permission. */
export function isUsedBy({ action, resource }: Right, call: Call): boolean {
  const pattern = resource.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return call.action === action && new RegExp(`^${pattern}$`).test(call.resource)
}

/** Returns a short name of the resource: for S3, the key; for a queue, the name without the generated part; for a function, the name. */
function placeOf(resource: string): string {
  const name = resource.split(':').slice(5).join(':')
  if (resource.startsWith('arn:aws:s3:')) return name.split('/').slice(1).join('/')
  return (name.split(':').at(-1) ?? name).replace(/^(burst-Queues[A-Za-z]+?)[A-F\d]{8}-.*$/, '$1')
}
