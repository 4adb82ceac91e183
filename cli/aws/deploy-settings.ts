import type { BurstConfig } from '../../core/config.ts'
import { BurstError, invalidInput } from '../../core/errors.ts'
import { allowedHosts } from '../../infra/stack-options.ts'
import { grouped } from '../../core/words.ts'

/** The flags of `burst deploy` as they were typed. */
export interface DeployFlags {
  allow?: string[]
  memory?: string
  architecture?: string
  vpc?: string
  subnets?: string[]
  securityGroups?: string[]
  retentionDays?: string
  permissionsBoundary?: string
  rolePath?: string
  kmsKey?: string
  assetBucket?: string
  tag?: string[]
  reserve?: string
  maxWorkers?: string
  /** Names of settings that are reset to their defaults. */
  reset?: string[]
}

/** All settings of a stack, except its place. */
export type StackSettings = Omit<BurstConfig, 'region' | 'profile' | 'stackName'>
type SettingName = keyof StackSettings

/** The flag of each setting. */
export const flagNames: Record<SettingName, string> = {
  allow: 'allow',
  memory: 'memory',
  architecture: 'architecture',
  vpc: 'vpc',
  subnets: 'subnets',
  securityGroups: 'security-groups',
  retentionDays: 'retention-days',
  permissionsBoundary: 'permissions-boundary',
  rolePath: 'role-path',
  kmsKey: 'kms-key',
  assetBucket: 'asset-bucket',
  tags: 'tag',
  reserve: 'reserve',
  maxWorkers: 'max-workers',
}

/** A new value of a setting invalidates these deployed settings, which belong to its old value or have the same effect on Lambda. */
const replaces: Partial<Record<SettingName, readonly SettingName[]>> = {
  vpc: ['subnets', 'securityGroups'],
  reserve: ['maxWorkers'],
  maxWorkers: ['reserve'],
}

/**
 * The settings of the new deployment: the deployed settings, overridden by `burst.config.ts` and then by the flags. Settings that neither
 * names stay.
 * @param deployed undefined: the stack does not exist, or does not report its settings
 * @throws BurstError (104) that names the flag
 */
export function deploySettings(
  flags: DeployFlags,
  config: BurstConfig,
  deployed: StackSettings | undefined,
): StackSettings {
  const { region: _r, profile: _p, stackName: _s, ...configured } = config
  const asked: StackSettings = { ...configured, ...flagSettings(flags) }
  const kept = keptOf(deployed ?? {}, asked, resetNames(flags.reset ?? [], asked))
  const tags = { ...kept.tags, ...configured.tags, ...tagsOf(flags.tag ?? []) }
  const { tags: _t, ...settings } = { ...kept, ...asked }
  return { ...settings, allow: allowed(settings.allow), ...(Object.keys(tags).length > 0 && { tags }) }
}

function flagSettings(flags: DeployFlags): StackSettings {
  return given({
    allow: flags.allow,
    memory: whole(flags.memory, '--memory', [128, 10_240]),
    architecture: architecture(flags.architecture),
    vpc: flags.vpc,
    subnets: list(flags.subnets),
    securityGroups: list(flags.securityGroups),
    retentionDays: whole(flags.retentionDays, '--retention-days', [1, 3650]),
    permissionsBoundary: flags.permissionsBoundary,
    rolePath: flags.rolePath,
    kmsKey: flags.kmsKey,
    assetBucket: flags.assetBucket,
    reserve: whole(flags.reserve, '--reserve', [1, 100_000]),
    maxWorkers: whole(flags.maxWorkers, '--max-workers', [1, 100_000]),
  })
}

/** The deployed settings that are kept: all except those that are reset or that the new settings replace. */
function keptOf(deployed: StackSettings, asked: StackSettings, reset: readonly SettingName[]): StackSettings {
  const changed = (Object.keys(asked) as SettingName[]).filter((name) => asked[name] !== deployed[name])
  const gone = new Set([...reset, ...[...changed, ...reset].flatMap((name) => replaces[name] ?? [])])
  return Object.fromEntries(Object.entries(deployed).filter(([name]) => !gone.has(name as SettingName)))
}

function resetNames(flags: readonly string[], asked: StackSettings): SettingName[] {
  const names = list(flags) ?? []
  return names.map((text) => {
    const wanted = text.replace(/^--/, '')
    const [name] = Object.entries(flagNames).find(([, flag]) => flag === wanted) ?? []
    if (name === undefined) throw badFlag('--reset', text, `give one of ${Object.values(flagNames).join(', ')}`)
    if (asked[name as SettingName] !== undefined) {
      throw badFlag('--reset', text, `leave out --${wanted} and the setting ${name} of burst.config.ts as well`)
    }
    return name as SettingName
  })
}

/** Without the keys whose value is undefined. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

function allowed(asked: readonly string[] | undefined): readonly string[] {
  const allow = (asked ?? []).flatMap((one) => one.split(',')).filter((one) => one !== '')
  if (allow.length > 0) return checkedHosts([...new Set(allow.map(hostOf))])
  throw new BurstError('invalidInput', 'a stack needs at least one host that it may load', {
    hint: 'add --allow shop.example.com (or *.example.com), or allow: […] in burst.config.ts',
  })
}

/** Makes the stack's own check before anything in the account is read. */
function checkedHosts(hosts: readonly string[]): readonly string[] {
  allowedHosts(hosts)
  return hosts
}

/** A host; for a URL, its host. */
function hostOf(text: string): string {
  const host = /^https?:\/\//i.test(text) ? (URL.parse(text)?.hostname ?? '') : text
  if (host === '*' || host === '*.')
    throw badFlag('--allow', text, 'name the hosts: a stack loads only hosts that are named')
  if (/^(\*\.)?[\w-]+(\.[\w-]+)*$|^\[[\da-f:]+\]$/i.test(host)) return host.toLowerCase()
  throw badFlag('--allow', text, 'give a host without port and path, like shop.example.com or *.example.com')
}

function whole(text: string | undefined, flag: string, [least, most]: [number, number]): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw badFlag(flag, text, `give a whole number from ${least} to ${grouped(most)}`)
}

function architecture(text: string | undefined): 'arm64' | 'x86_64' | undefined {
  if (text === undefined || text === 'arm64' || text === 'x86_64') return text
  throw badFlag('--architecture', text, 'give arm64 or x86_64')
}

function list(values: readonly string[] | undefined): string[] | undefined {
  return values?.flatMap((value) => value.split(/[\s,]+/)).filter((one) => one !== '')
}

function tagsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
      throw badFlag('--tag', pair, 'write it like --tag team=checkout')
    }),
  )
}

function badFlag(flag: string, text: string, hint: string): Error {
  return invalidInput(`${flag} is ${JSON.stringify(text)}`, { hint })
}
