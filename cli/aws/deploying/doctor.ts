import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BurstError } from '../../../core/errors.ts'
import { workersFor } from '../../../core/plan/plan.ts'
import type { Report } from '../../../core/report/report.ts'
import { shortened } from '../../../core/verdict/completeness/loss.ts'
import { counted, few, grouped } from '../../../core/words.ts'
import { temporaryFolder } from '../../../functions/files/temporary.ts'
import { bundleScenario } from '../../bundle/bundle.ts'
import { readConcurrency, whoAmI } from '../account.ts'
import { functionsBuild } from '../functions-build.ts'
import { freeOf, mayTake } from '../capacity.ts'
import { type Cloud, cloudOf } from '../cloud.ts'
import { type Place, onAws } from '../place.ts'
import { Beginning } from '../running/beginning.ts'
import { launch } from '../running/launch.ts'
import { prepareRun } from '../running/prepare.ts'
import { queueLength } from './queue-length.ts'
import { remoteRun } from '../running/remote-run.ts'
import { activeRuns, halt } from '../running/active-runs.ts'
import { deployedStack } from '../find-stack.ts'

/** The result of one check. */
export interface Finding {
  /** `ill` if the check failed. A `note` does not make `burst doctor` fail. */
  state: 'well' | 'note' | 'ill'
  text: string
  /** For an `ill` finding: what the user can do about it. For a `note`: more information. A `well` finding has no hint. */
  hint?: string
}

export interface DoctorRequest {
  /**
   * The target. If undefined, the target is `https://` and the first host of the stack that does not contain `*`. If all hosts of the stack contain
   * `*`, burst does not run a user.
   */
  host: string | undefined
  /** The number of users of a planned run. If undefined, burst does not check whether the concurrency suffices for a run. */
  users: number | undefined
  tell: (finding: Finding) => void
}

/**
 * Checks everything that a run needs. If no check has failed, also runs one user. Reports a BurstError as a failed check.
 * @returns false if a check failed
 */
export async function examine(place: Place, request: DoctorRequest): Promise<boolean> {
  let well = true
  const tell = (finding: Finding): void => {
    well &&= finding.state !== 'ill'
    request.tell(finding)
  }
  try {
    const { account, arn } = await onAws(place, whoAmI)
    tell({ state: 'well', text: `credentials of ${arn}, account ${account}, ${place.endpoint ?? place.region}` })
    tell({
      state: 'note',
      text: 'use a separate AWS account for load tests: a run shares the concurrency of its account with all other functions',
    })
    const cloud = await cloudOf(place, await onAws(place, async () => deployedStack(place)))
    await onAws(place, async () => examineStack(cloud, request, tell))
    if (well) await onAws(place, async () => checkWithOneUser(cloud, request, tell))
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    tell({ state: 'ill', text: error.message, ...(error.hint !== undefined && { hint: error.hint }) })
  }
  return well
}

type Tell = DoctorRequest['tell']

async function examineStack(cloud: Cloud, { users }: DoctorRequest, tell: Tell): Promise<void> {
  const { stack } = cloud
  tell(sameBuild(stack, await functionsBuild()))
  tell({ state: 'well', text: `stack '${stack.name}' may load-test ${stack.allow.join(', ')}` })
  tell(await enoughConcurrency(cloud, users))
  tell(await idle(cloud))
  for (const finding of await queuesEmpty(cloud)) tell(finding)
}

function sameBuild(stack: Cloud['stack'], mine: { build: string; version: string }): Finding {
  if (stack.build === mine.build) return { state: 'well', text: `stack '${stack.name}' has this build, ${mine.build}` }
  const text = `stack '${stack.name}' was deployed by burst ${stack.version} (${stack.build}), but this is burst ${mine.version} (${mine.build})`
  return { state: 'ill', text, hint: 'run burst deploy' }
}

/**
 * For every 10 workers of a run, at most one further worker waits for a hand-over. This ratio applies to a run with the default `--interval`
 * (docs/aws.md, "Runs of hours"). With this interval, a run of at most 10 minutes has no hand-overs.
 */
const workersPerWaiting = 10

const askAws =
  'ask AWS for more concurrency (Service Quotas, Lambda, "Concurrent executions", L-B99A9384), or see --fit and --take-concurrency in burst run --help'

async function enoughConcurrency({ place, stack }: Cloud, users: number | undefined): Promise<Finding> {
  const found = await readConcurrency(place, stack.worker)
  const mine = found.reserved ?? mayTake(found, { fit: false, take: undefined })
  const figures = `Lambda concurrency: ${grouped(found.limit)} in the account, ${grouped(found.unreserved)} unreserved, at most ${grouped(found.peak)} used in the last hour; a run may use ${grouped(mine)}`
  if (users === undefined) return { state: 'well', text: figures }
  const workers = workersFor(users, 1)
  const others = Math.ceil(workers / 25) + 3
  const need = workers + (found.reserved === null ? others : 0)
  const needForHours = need + Math.ceil(workers / workersPerWaiting)
  const text = `${figures}; ${grouped(users)} users need a concurrency of ${grouped(need)}, or ${grouped(needForHours)} in a run of more than 10 minutes`
  if (found.reserved !== null && others > freeOf(found)) {
    const besides = `; the coordinator and the reducers need a concurrency of ${grouped(others)}, but only ${grouped(freeOf(found))} of the unreserved concurrency is free`
    return { state: 'ill', text: `${text}${besides}`, hint: askAws }
  }
  if (needForHours <= mine) return { state: 'well', text }
  return { state: need <= mine ? 'note' : 'ill', text, hint: askAws }
}

async function idle(cloud: Cloud): Promise<Finding> {
  if (await cloud.store.get(halt)) {
    return { state: 'ill', text: 'all runs of this stack are halted', hint: 'burst resume lets runs start again' }
  }
  const active = await activeRuns(cloud)
  const dead = active.filter((one) => !one.alive).map(({ run }) => run)
  if (dead.length > 0) {
    return {
      state: 'note',
      text: `ended without a report: ${few(dead)}`,
      hint: `burst watch ${dead[0]} makes the report`,
    }
  }
  return {
    state: 'well',
    text: active.length === 0 ? 'no run is in progress' : `in progress: ${few(active.map(({ run }) => run))}`,
  }
}

async function queuesEmpty({ stack }: Cloud): Promise<Finding[]> {
  const named: [string, string][] = [
    ['queue', stack.queueUrl],
    ['dead-letter queue', stack.deadLetterQueueUrl],
  ]
  return Promise.all(
    named.map(async ([name, url]): Promise<Finding> => {
      const waiting = await queueLength(url)
      if (waiting === 0) return { state: 'well', text: `the ${name} is empty` }
      const hint =
        'these messages belong to a run that is in progress or that ended without a report; burst merges them before it makes the report of that run'
      return { state: 'note', text: `the ${name} holds ${counted(waiting, 'message')}`, hint }
    }),
  )
}

/**
 * Runs one user against the target. This run replaces separate checks of the store, the queue and the target, because its worker must reach all
 * three.
 */
async function checkWithOneUser(cloud: Cloud, { host }: DoctorRequest, tell: Tell): Promise<void> {
  const target = host ?? firstHost(cloud.stack.allow)
  if (target === undefined) {
    return tell({
      state: 'note',
      text: 'burst did not check a target',
      hint: 'name a target: burst doctor -H https://shop.example.com',
    })
  }
  const report = await runOneUser(cloud, target)
  for (const finding of judged(report, target)) tell(finding)
}

function firstHost(allow: readonly string[]): string | undefined {
  const host = allow.find((one) => !one.startsWith('*'))
  return host && `https://${host}`
}

async function runOneUser(cloud: Cloud, host: string): Promise<Report> {
  const folder = await temporaryFolder()
  try {
    const file = join(folder, 'doctor.burst.ts')
    await writeFile(file, oneUser(host))
    const bundle = await bundleScenario(file, { cwd: folder })
    const options = { tags: [], excludeTags: [], vars: {}, failOnError: false, workers: 1 }
    const share = { fit: false, take: undefined }
    const { plan } = await prepareRun(cloud, { bundle, options, share, budgetUsd: undefined })
    await launch(cloud, plan, bundle)
    return await remoteRun(cloud, plan, new Beginning(cloud, plan)).done
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function oneUser(host: string): string {
  return `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Doctor extends HttpUser {
  wait = constant('1s')
  tasks = { look: 1 }
  async look() { await this.http.get('/') }
}
export default scenario({ name: 'burst doctor', host: ${JSON.stringify(host)}, users: [Doctor], load: [ramp(1, '0s'), hold('2s')] })
`
}

function judged({ totals, completeness, errors }: Report, target: string): Finding[] {
  const arrived: Finding = completeness.complete
    ? { state: 'well', text: 'a worker started and reached the store and the queue; all its counts were merged' }
    : {
        state: 'ill',
        text: `counts of the worker did not arrive: ${few(completeness.lost, 3)}`,
        hint: 'in CloudWatch, look at the logs of the functions whose names end in -worker and -merge',
      }
  const answered = Object.keys(totals.statuses).some((status) => status !== '0')
  if (answered) {
    const codes = Object.keys(totals.statuses).join(', ')
    return [arrived, { state: 'well', text: `a worker reached ${target}, which answered with status ${codes}` }]
  }
  const why = shortened(errors[0]?.message ?? 'no request was made')
  return [
    arrived,
    {
      state: 'ill',
      text: `a worker could not reach ${target}: ${why}`,
      hint: 'check the address, and whether the target accepts requests from AWS Lambda; for a target that is not on the internet, use burst deploy --vpc',
    },
  ]
}
