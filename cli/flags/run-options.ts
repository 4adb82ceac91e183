import { durationMs, typedDuration } from '../../core/duration.ts'
import { invalidInput } from '../../core/errors.ts'
import { longestIntervalMs } from '../../core/plan/hand-over.ts'
import type { RunOptions } from '../../core/plan/options.ts'
import { grouped } from '../../core/words.ts'
import { mask, secretName } from '../../core/secrets.ts'
import { type ConnectionFlags, connectionOptions } from './connection-flags.ts'
import { parseAbortRule } from '../../core/thresholds/abort-rule.ts'
import { checkedHost, usersCap } from '../../core/plan/option-checks.ts'
import { numberIn, shown, whole } from './numbers.ts'

/** The flags of `burst run`, as typed. */
export interface RunFlags extends ConnectionFlags {
  file?: string
  users?: string
  spawnRate?: string
  runTime?: string
  host?: string
  rate?: string
  workers?: string
  usersPerWorker?: string
  seed?: string
  iterations?: string
  tags?: string[]
  excludeTags?: string[]
  name?: string
  var?: string[]
  weight?: string[]
  envFile?: string[]
  files?: string
  stopTimeout?: string
  interval?: string
  failOnError?: boolean
  failOnInconclusive?: boolean
  cpuProf?: boolean
  samples?: boolean
  traceContext?: boolean
  abortOn?: string[]
  yes?: boolean
  local?: boolean
  out?: string
  json?: boolean
  summary?: string
  quiet?: boolean
  debug?: boolean
}

/** The maximum value that the command line accepts for each option; for `name`, the maximum number of characters. */
const limits = {
  users: usersCap,
  perSecond: 1_000_000,
  workers: 1000,
  usersPerWorker: 10_000,
  iterations: 1_000_000_000,
  runTimeMs: 7 * 24 * 3_600_000,
  stopTimeoutMs: 600_000,
  name: 100,
  weight: 1_000_000,
} as const

/**
 * Returns the checked options of a run from its flags.
 * @throws BurstError (104) that names the first invalid flag
 */
export function runOptions(flags: RunFlags): RunOptions {
  const options: RunOptions = {
    ...numbers(flags),
    ...times(flags),
    ...texts(flags),
    tags: tagList(flags.tags),
    excludeTags: tagList(flags.excludeTags),
    vars: variables(flags.var ?? []),
    ...given({ weights: flags.weight && weights(flags.weight) }),
    ...switches(flags),
    ...connectionOptions(flags),
    ...given({ abortOn: flags.abortOn?.map((text) => parseAbortRule(text, '--abort-on')) }),
  }
  checkWorkers(options)
  return options
}

function switches(
  flags: RunFlags,
): Pick<RunOptions, 'failOnError' | 'failOnInconclusive' | 'cpuProfile' | 'samples' | 'traceContext'> {
  return {
    failOnError: flags.failOnError ?? false,
    ...(flags.failOnInconclusive && { failOnInconclusive: true }),
    ...(flags.cpuProf && { cpuProfile: true }),
    ...(flags.samples && { samples: true }),
    ...(flags.traceContext && { traceContext: true }),
  }
}

function numbers(flags: RunFlags): Partial<RunOptions> {
  return given({
    users: whole(flags.users, '--users', limits.users),
    spawnRate: rate(flags.spawnRate, '--spawn-rate'),
    rate: rate(flags.rate, '--rate'),
    workers: whole(flags.workers, '--workers', limits.workers),
    usersPerWorker: whole(flags.usersPerWorker, '--users-per-worker', limits.usersPerWorker),
    iterations: whole(flags.iterations, '--iterations', limits.iterations),
  })
}

function times(flags: RunFlags): Partial<RunOptions> {
  return given({
    runTimeMs: time(flags.runTime, '--run-time', { least: 1, most: limits.runTimeMs }),
    intervalMs: time(flags.interval, '--interval', { least: 1, most: longestIntervalMs }),
    stopTimeoutMs: time(flags.stopTimeout, '--stop-timeout', { least: 0, most: limits.stopTimeoutMs }),
  })
}

function texts(flags: RunFlags): Partial<RunOptions> {
  return given({
    envFiles: flags.envFile,
    filesFolder: filled(flags.files, '--files'),
    host: flags.host === undefined ? undefined : checkedHost(flags.host, undefined),
    seed: filled(flags.seed, '--seed'),
    name: runName(flags.name),
  })
}

/** Returns the object without the keys whose value is undefined. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

/** The spellings of each unit of time after a number, and the short form of the unit. Blanks may separate the number from the unit. */
const units = [
  [/(?<=\d)\s*(?:h|hrs?|hours?)(?![a-z])/g, 'h'],
  [/(?<=\d)\s*(?:m|mins?|minutes?)(?![a-z])/g, 'm'],
  [/(?<=\d)\s*(?:s|secs?|seconds?)(?![a-z])/g, 's'],
  [/(?<=\d)\s*(?:ms|milliseconds?)(?![a-z])/g, 'ms'],
] as const

/** Converts spellings such as `5min` and `1h 30m` to the form that `durationMs` parses. */
function withShortUnits(text: string): string {
  const short = units.reduce((read, [spelling, unit]) => read.replaceAll(spelling, unit), text.toLowerCase())
  return short.replaceAll(/(?<=[a-z])\s+(?=\d)/g, '')
}

export function rate(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined
  const value = numberIn(text.replace(/\s*\/\s*s(?:ec)?$/, ''))
  if (value > 0 && value <= limits.perSecond) return value
  const most = grouped(limits.perSecond)
  throw invalidInput(`${flag} is ${shown(text)}`, { hint: `give a number per second, above 0 and up to ${most}` })
}

export function time(
  text: string | undefined,
  flag: string,
  range: { least: number; most: number },
): number | undefined {
  if (text === undefined) return undefined
  const ms = durationMs(withShortUnits(text), flag, text)
  if (ms >= range.least && ms <= range.most) return ms
  const hint = range.least > 0 ? `give more than 0 and at most ${typedDuration(range.most)}` : undefined
  throw invalidInput(`${flag} is ${shown(text)}`, { hint: hint ?? `give at most ${typedDuration(range.most)}` })
}

/** Returns the value of a flag. @throws BurstError (104) when the value is empty, for example from an unset shell variable */
export function filled(text: string | undefined, flag: string): string | undefined {
  if (text === '') throw invalidInput(`${flag} is empty`)
  return text
}

function runName(text: string | undefined): string | undefined {
  const name = filled(text, '--name')
  if (name === undefined || name.length <= limits.name) return name
  throw invalidInput(`--name has ${grouped(name.length)} characters`, { hint: `give at most ${limits.name}` })
}

/**
 * Parses the value of `--budget` in US dollars: `5`, `$5` or `0.50`. Returns undefined without the flag.
 * @throws BurstError (104) for a value that is not a number above 0
 */
export function budget(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = numberIn(text.trim().replace(/^\$/, ''))
  if (value > 0) return value
  throw invalidInput(`--budget is ${shown(text)}`, {
    hint: 'give US dollars above 0, like --budget 5 or --budget 0.50',
  })
}

/**
 * Returns the format of the summary on stdout; undefined for the usual text.
 * @throws BurstError (104) for an unknown format; for Markdown with `--json`, which also prints to stdout; for Markdown with `--detach`, because the
 * command then ends before the summary exists
 */
export function summaryFormat({ summary, json, detach }: RunFlags & { detach?: boolean }): 'markdown' | undefined {
  if (summary === undefined || summary === 'text') return undefined
  // `md` is also accepted, because `.md` is the extension of Markdown files.
  if (summary !== 'markdown' && summary !== 'md')
    throw invalidInput(`--summary is ${shown(summary)}`, { hint: 'give text or markdown' })
  if (json)
    throw invalidInput('--summary markdown cannot be combined with --json', { hint: 'both flags print to stdout' })
  if (!detach) return 'markdown'
  throw invalidInput('--summary markdown cannot be combined with --detach', {
    hint: 'burst report RUN --format markdown prints the summary when the run has ended',
  })
}

/** Returns the tags of a flag, each only once. The user may write them as `a b` or as `a,b`, or may repeat the flag. */
function tagList(values: readonly string[] = []): string[] {
  const tags = values.flatMap((value) => value.split(/[\s,]+/)).filter((tag) => tag !== '')
  return [...new Set(tags)]
}

function variables(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
      throw invalidInput(`--var is ${secretName.test(pair) ? mask : shown(pair)}`, {
        hint: 'write it like --var region=eu',
      })
    }),
  )
}

function weights(pairs: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, text] = /^([^=]+)=([^=]*)$/.exec(pair) ?? []
      const weight = numberIn(text ?? '')
      if (name !== undefined && weight >= 0 && weight <= limits.weight) return [name, weight]
      const hint = 'write it like --weight Shopper=3; the number must be 0 or more, and 0 leaves the class out'
      throw invalidInput(`--weight is ${shown(pair)}`, { hint })
    }),
  )
}

function checkWorkers({ users, workers }: RunOptions): void {
  if (users === undefined || workers === undefined || workers <= users) return
  throw invalidInput(`--workers is ${grouped(workers)}, but there are only ${grouped(users)} users`, {
    hint: 'every worker needs at least one user',
  })
}
