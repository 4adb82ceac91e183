import type { IIoHost, IoMessage, IoRequest } from '@aws-cdk/toolkit-lib'
import { shortened } from '../../../core/verdict/completeness/loss.ts'
import { clean } from '../../terminal/style.ts'
import { agrees } from '../ask.ts'

/** The terminal in which a deployment shows its output and asks its questions. */
export interface Conversation {
  say: (line: string) => void
  yes: boolean
  /** `true` if the stack existed before the deployment. */
  update: boolean
}

/** CDK's report about one resource. */
interface Activity {
  event?: ResourceEvent
  progress?: { formatted?: string }
}

interface ResourceEvent {
  LogicalResourceId?: string
  ResourceType?: string
  ResourceStatus?: string
  ResourceStatusReason?: string
}

interface Confirmation {
  permissionChangeType?: string
  templateDiffs?: Record<string, { resources: { changes: Record<string, ResourceChange> } }>
}

interface ResourceChange {
  changeImpact?: string
  resourceType?: string
}

/**
 * A key is a type of resource that contains data. A value says what happens to the data when such a resource is replaced or removed
 * (`infra/bucket.ts`, `infra/queue.ts`).
 */
const dataOf: Record<string, string> = {
  'AWS::S3::Bucket': 'the old bucket remains in the account with its runs, but burst no longer finds these runs',
  'AWS::SQS::Queue': 'the old queue is deleted with its messages',
}
/**
 * The changes after which the stack does not have the old resource any more. `WILL_ORPHAN` is CDK's name for a change that removes a resource from
 * the stack but does not delete the resource.
 */
const losses: Record<string, string> = {
  WILL_REPLACE: 'replaces',
  MAY_REPLACE: 'may replace',
  WILL_DESTROY: 'removes',
  WILL_ORPHAN: 'removes',
}
const codes = { activity: 'CDK_TOOLKIT_I5502', confirm: 'CDK_TOOLKIT_I5060', deployed: 'CDK_TOOLKIT_I5900' } as const

/**
 * Shows each resource whose deployment has completed or failed. Unless `yes` is true, asks for confirmation before an update that loses data, and
 * before a deployment that widens permissions.
 */
export class DeployHost implements IIoHost {
  readonly #conversation: Conversation
  readonly #warned = new Set<string>()
  /** The reasons why resources failed, in the order in which they failed. */
  readonly failures: string[] = []
  /** `false` if CloudFormation had nothing to change. `true` in all other cases, and until the deployment has completed. */
  changed = true

  constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  // This method is async, because the toolkit expects a promise.
  async notify({ code, data, level, message }: IoMessage<unknown>): Promise<void> {
    if (code === codes.activity) this.#show(data as Activity)
    else if (code === codes.deployed) this.changed = !(data as { noOp: boolean }).noOp
    else if (level === 'warn') this.#warn(shortened(clean(message)))
  }

  async requestResponse<T>({ code, data, defaultResponse }: IoRequest<unknown, T>): Promise<T> {
    if (code !== codes.confirm) return defaultResponse
    return (await this.#confirm(data as Confirmation)) as T
  }

  /** Shows each warning once, because the toolkit repeats some warnings for each resource. */
  #warn(text: string): void {
    if (!this.#warned.has(text)) this.#conversation.say(`  note: ${text}`)
    this.#warned.add(text)
  }

  #show({ event = {}, progress }: Activity): void {
    const { status, type, id } = namesOf(event)
    if (status.endsWith('_FAILED')) this.failures.push(`${id}: ${shortened(event.ResourceStatusReason ?? status)}`)
    if (!/_(COMPLETE|FAILED)$/.test(status)) return
    const what = [status.toLowerCase().replaceAll('_', ' '), type.replace(/^AWS::/, ''), id].join('  ')
    this.#conversation.say(clean(`  ${progress?.formatted ?? ''} ${what}`))
  }

  async #confirm(asked: Confirmation): Promise<boolean> {
    const { update, yes } = this.#conversation
    const question = update ? dataQuestion(asked) : undefined
    if (question !== undefined && !(await agrees(question, yes))) return false
    if (asked.permissionChangeType !== 'broadening') return true
    return agrees('This gives the functions more permissions in the account (IAM). Deploy the stack?', yes)
  }
}

function namesOf(event: ResourceEvent): { id: string; type: string; status: string } {
  const { LogicalResourceId: id = '', ResourceType: type = '', ResourceStatus: status = '' } = event
  return { id, type, status }
}

/** Returns the question about the resources with data that the update replaces or removes; undefined if there are none. */
function dataQuestion({ templateDiffs = {} }: Confirmation): string | undefined {
  const changes = Object.values(templateDiffs)
    .flatMap(({ resources }) => Object.entries(resources.changes))
    .flatMap(([id, { resourceType = '', changeImpact = '' }]) => {
      const [fate, loss] = [dataOf[resourceType], losses[changeImpact]]
      return fate === undefined || loss === undefined ? [] : [{ what: `${loss} ${id} (${resourceType})`, fate }]
    })
  if (changes.length === 0) return undefined
  const fates = [...new Set(changes.map(({ fate }) => fate))]
  return `This ${changes.map(({ what }) => what).join(', ')}: ${fates.join('; ')}. Deploy the stack?`
}
