import { BurstError, invalidInput } from '../errors.ts'
import { peakLevel } from './load/load.ts'
import type { RunOptions } from './options.ts'
import {
  type PlannedClass,
  type RunPlan,
  type SearchPlan,
  type Slice,
  type Timing,
  pooledUsersFor,
  slicesOf,
  awsUsersPerWorkerCap,
  usersPerWorkerCap,
  workersFor,
} from './plan.ts'
import { checkCounts, checkFeeds, checkNoCounts, chosenClasses } from './classes.ts'
import { plannedConnections } from './planned-connections.ts'
import { plannedAbortRules } from './abort-rules.ts'
import type { Locate } from './locate.ts'
import { checkOptions, checkedHost, usersCap } from './option-checks.ts'
import { plannedSearch, wantsSearch } from './planned-search.ts'
import { handOverOf } from './hand-over.ts'
import { splitUserinfo } from '../hosts/userinfo.ts'
import { type PlannedLoad, layLoad } from './load/lay-load.ts'
import { withinLimits } from './plan-limits.ts'
import { planWords } from './plan-words.ts'
import type { ScenarioDescription } from '../authoring/description.ts'
import { grouped, isoInstant } from '../words.ts'

/** The facts from which the planner makes a plan. */
interface Facts {
  run: string
  /** The path of the scenario file, as the user wrote it. */
  scenario: string
  bundle: string
  build: string
  createdAt: number
  /** The seed of a run without `--seed`. */
  seed: string
  cores: number
  backend: 'local' | 'aws'
  region: string
}

export interface PlanningInput {
  description: ScenarioDescription
  options: RunOptions
  facts: Facts
  locate?: Locate
}

/** The maximum number of worker processes on one machine; more processes would only slow one another down. */
const localWorkersCap = 256
const longestSlug = 40
/** The length of a window of the run's grid, in milliseconds. */
const windowMs = 5_000

/**
 * Makes the plan of a run from the settings in the scenario file and on the command line.
 * @throws BurstError (104) when a setting is invalid or the settings contradict each other
 */
export function planRun({ description, options, facts, locate = () => undefined }: PlanningInput): RunPlan {
  checkOptions(options)
  const { load, search, users } = plannedLoad({ description, options, facts, locate })
  const { cores: _, ...origin } = facts
  const slices = plannedSlices(users, options, facts)
  const paced = pace(facts, options, slices.length)
  const plan = {
    schemaVersion: 1 as const,
    ...origin,
    ...sharedCores(facts),
    name: options.name ?? description.name ?? scenarioNameOf(facts.scenario),
    seed: options.seed ?? facts.seed,
    ...plannedHost(description, options, locate),
    model: load.model,
    profile: load.profile,
    users,
    freshUser: load.freshUser,
    classes: plannedClasses({ description, options, locate }, load.model === 'users' ? users : undefined),
    slices,
    slicesPerShard: 25,
    windowMs,
    ...paced,
    ...handOverOf(options, { backend: facts.backend, windowMs, timing: paced.timing }),
    iterations: options.iterations ?? null,
    ...plannedThresholds(description, search, locate),
    ...plannedAbortRules({ description, options, locate }, { profile: load.profile, windowMs }),
    ...plannedConnections({ description, options, backend: facts.backend, locate }),
    hooks: description.hooks,
    vars: options.vars,
    env: options.env ?? {},
    ...switchesOf(options),
  }
  return withinLimits({ ...plan, words: planWords(plan, options) })
}

/** Returns the initial load, the search that changes this load, and the greatest number of users of the run. */
function plannedLoad({ description, options, facts, locate = () => undefined }: PlanningInput): {
  load: PlannedLoad
  search?: SearchPlan
  users: number
} {
  const base = atLoad(description, locate, () => layLoad(description.load, options))
  const place = { backend: facts.backend, windowMs, locate }
  const found = wantsSearch(description, options)
    ? plannedSearch(description, { options, base, place })
    : { load: base }
  const { load, search }: { load: PlannedLoad; search?: SearchPlan } = found
  checkEnd(load, facts)
  checkDescriptors(description, options, facts)
  const users = (): number => plannedUsers(search ? atMost(load, search.max) : load, options, facts)
  return { ...found, users: atLoad(description, locate, users) }
}

/** Runs `plan`. If `plan` throws an error about the load, adds the place of `load` in the scenario file (`file:line`) to this error. */
function atLoad<T>({ load }: ScenarioDescription, locate: Locate, plan: () => T): T {
  try {
    return plan()
  } catch (error) {
    const at = load.kind === 'none' ? undefined : locate('load', 'scenario(')
    if (!(error instanceof BurstError) || at === undefined) throw error
    const { message, hint } = error
    throw invalidInput(message, { at, cause: error, ...(hint !== undefined && { hint }) })
  }
}

/** Returns a load that stays at `level`, the highest load of the search, during the whole run. */
function atMost(load: PlannedLoad, level: number): PlannedLoad {
  return { ...load, profile: { ...load.profile, points: [{ atMs: 0, level }] } }
}

/**
 * Returns the thresholds that are judged at the end of the run. A search does not have such thresholds. Its thresholds (`until`) are judged for each
 * step, because some steps are expected to break a threshold.
 */
function plannedThresholds(
  { thresholds }: ScenarioDescription,
  search: SearchPlan | undefined,
  locate: Locate,
): Pick<RunPlan, 'thresholds' | 'search'> {
  if (search) return { thresholds: [], search }
  return { thresholds: thresholds.map((expression) => ({ expression, at: locate(expression, 'thresholds') ?? null })) }
}

function switchesOf({
  failOnError,
  failOnInconclusive,
  cpuProfile,
  samples,
  traceContext,
}: RunOptions): Pick<RunPlan, 'failOnError' | 'failOnInconclusive' | 'cpuProfile' | 'samples' | 'traceContext'> {
  return {
    failOnError,
    ...(failOnInconclusive && { failOnInconclusive }),
    ...(cpuProfile && { cpuProfile }),
    ...(samples && { samples }),
    ...(traceContext && { traceContext }),
  }
}

/** Returns the name of a new run, e.g. `20261121-104411-shop-7f3a`. Names of runs sort by time (UTC), and are valid as folder names and in URLs. */
export function newRunId(createdAtMs: number, name: string, randomHex: string): string {
  const [day, time] = isoInstant(createdAtMs).replaceAll(/[-:]/g, '').slice(0, 15).split('T')
  const slug = scenarioNameOf(name)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, longestSlug)
    .replaceAll(/^-+|-+$/g, '')
  return [day, time, slug, randomHex].filter(Boolean).join('-')
}

/**
 * Returns the name of a scenario file without folder and extension: `shop` for `load/shop.burst.ts`. A name that is not a path is returned unchanged.
 */
export function scenarioNameOf(scenario: string): string {
  return /([^/\\]+?)(?:\.burst)?\.[cm]?[jt]s$/.exec(scenario)?.[1] ?? scenario
}

function plannedHost(
  { host }: ScenarioDescription,
  options: RunOptions,
  locate: Locate,
): Pick<RunPlan, 'host' | 'hostUserinfo'> {
  const checked = options.host === undefined ? ownHost(host, locate) : checkedHost(options.host, undefined)
  const { host: bare, userinfo } = splitUserinfo(checked)
  return { host: bare, ...(userinfo !== undefined && { hostUserinfo: userinfo }) }
}

function ownHost(host: string | null, locate: Locate): string {
  if (host !== null) return checkedHost(host, locate('host'))
  const at = locate('export default')
  throw invalidInput('the scenario has no host', {
    hint: "give a host with -H https://…, or add host: 'https://…' to scenario()",
    ...(at !== undefined && { at }),
  })
}

/**
 * Applies the options of the command line to the classes, and returns the remaining classes. Checks the counts and the feeds of these classes.
 * @param users the number of users; undefined with arrivals
 * @throws BurstError (104) when an option leaves no class or task, or when a count or a feed does not fit the load
 */
function plannedClasses(
  { description, options, locate }: Omit<PlanningInput, 'facts'>,
  users: number | undefined,
): PlannedClass[] {
  const classes = chosenClasses(description.classes, options)
  if (users === undefined) checkNoCounts(classes, locate)
  else checkCounts(classes, users, locate)
  checkFeeds(description, classes, users, locate)
  return classes
}

/** Refuses a load without an end on AWS. A local run may have a load without an end, because a person can stop the run. */
function checkEnd({ profile }: PlannedLoad, { backend }: Facts): void {
  if (profile.endMs !== null || backend === 'local') return
  throw invalidInput('the run has no end', { hint: 'give -t, e.g. -t 10m, or load stages' })
}

/** Checks that a worker on AWS has enough file descriptors for its users. A scenario with `connections: 'shared'` does not need this check. */
function checkDescriptors(
  { connections }: ScenarioDescription,
  { usersPerWorker }: RunOptions,
  { backend }: Facts,
): void {
  if (backend === 'local' || connections === 'shared' || (usersPerWorker ?? 0) <= awsUsersPerWorkerCap) return
  const users = grouped(usersPerWorker ?? 0)
  throw invalidInput(
    `--users-per-worker is ${users}, but a worker on AWS has 1,024 file descriptors for the connections of all its users`,
    {
      hint: `give at most ${awsUsersPerWorkerCap}, or set connections: 'shared' in the scenario`,
    },
  )
}

function plannedUsers({ model, profile, maxUsers }: PlannedLoad, options: RunOptions, facts: Facts): number {
  const peak = peakLevel(profile)
  const pool = maxUsers ?? Math.min(pooledUsersFor(peak), poolRoom(options, facts))
  const users = model === 'users' ? Math.ceil(peak) : pool
  if (Number.isInteger(users) && users >= 1 && users <= usersCap) return users
  const what = model === 'users' ? 'users' : 'maxUsers'
  throw invalidInput(`${what} is ${grouped(users)}`, { hint: `give a whole number from 1 to ${grouped(usersCap)}` })
}

/**
 * Returns the maximum number of pooled users that the workers can run. On AWS, the size of the pool determines the number of workers if the command
 * line does not contain `--workers`.
 */
function poolRoom({ workers, usersPerWorker = usersPerWorkerCap }: RunOptions, { backend, cores }: Facts): number {
  const fixed = workers ?? (backend === 'local' ? cores : undefined)
  return fixed === undefined ? usersCap : fixed * usersPerWorker
}

function plannedSlices(users: number, options: RunOptions, facts: Facts): Slice[] {
  const workers = workersFor(users, askedWorkers(options, facts), options.usersPerWorker)
  if (facts.backend === 'local' && workers > localWorkersCap) {
    throw invalidInput(`${grouped(users)} users would need ${grouped(workers)} worker processes on this machine`, {
      hint: 'use fewer users, or a higher --users-per-worker',
    })
  }
  return slicesOf(users, workers)
}

/** Returns the number of cores that the workers share; an empty object on AWS, where workers do not share a machine. */
function sharedCores({ backend, cores }: Facts): Pick<RunPlan, 'cores'> {
  return backend === 'local' ? { cores } : {}
}

/**
 * Returns the requested number of workers, or a default. The default of a local run is one worker per core, because each local worker is a process
 * that uses a core. On AWS each worker has its own CPU, so the default is one worker. `workersFor` then changes this number if the users need more
 * workers, or if there are fewer users than workers.
 */
function askedWorkers({ workers }: RunOptions, { backend, cores }: Facts): number {
  return workers ?? (backend === 'local' ? cores : 1)
}

function pace({ backend }: Facts, options: RunOptions, workers: number): Pick<RunPlan, 'flushMs' | 'timing'> {
  if (backend === 'local') return { flushMs: 1_000, timing: localTiming(options) }
  return { flushMs: 5_000, timing: awsTiming(options, workers) }
}

function localTiming({ stopTimeoutMs }: RunOptions): Timing {
  return {
    startLeadMs: 10_000,
    startNoticeMs: 100,
    controlPollMs: 500,
    leaseMs: 30_000,
    drainMs: stopTimeoutMs ?? 10_000,
    stopMs: 2_000,
    // In a local run, this time is long enough to merge a message, or to deliver a message a second time.
    graceMs: 45_000,
  }
}

/**
 * Returns the times of a run on AWS. Lambda starts at most 1,000 environments of a function per 10 s (AWS, "Lambda quotas"). SQS delivers the
 * messages of a failed merge again after 60 s.
 */
function awsTiming({ stopTimeoutMs }: RunOptions, workers: number): Timing {
  const coldStartMs = 5_000
  return {
    startLeadMs: 10_000 + Math.ceil(workers / 1000) * 10_000 + coldStartMs,
    startNoticeMs: 5_000,
    controlPollMs: 2_000,
    // If a coordinator is lost, Lambda invokes the coordinator again after a minute. The lease lasts longer than a minute, so the run can continue
    // after the second invocation.
    leaseMs: 100_000,
    drainMs: stopTimeoutMs ?? 10_000,
    stopMs: 2_000,
    graceMs: 90_000,
  }
}
