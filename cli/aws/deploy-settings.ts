import * as v from 'valibot'
import type { BurstConfig } from '../../core/config.ts'
import { BurstError, invalidInput } from '../../core/errors.ts'
import { wholeIn } from '../flags/numbers.ts'
import { allowedHosts } from '../../infra/stack-options.ts'
import { type SettingName, type StackSettings, settingNames, stackSettings } from './settings-schema.ts'

type ListName = 'allow' | 'subnets' | 'securityGroups'
type TextName = Exclude<SettingName, ListName | 'tags'>

/** The values of the flags of `burst deploy`, as typed. Each setting has a flag. */
export type DeployFlags = { [K in TextName]?: string } & { [K in ListName]?: string[] } & {
  tag?: string[]
  /** Names of settings that the deployment resets to their defaults. */
  reset?: string[]
}

const flagNames = settingNames.map((name) => stackSettings[name].flag)

/**
 * A key is a setting. A value is a list of other settings. If a deployment changes or resets the setting in the key, the deployment does not keep the
 * deployed values of the settings in the list.
 */
const replaces: Partial<Record<SettingName, readonly SettingName[]>> = {
  vpc: ['subnets', 'securityGroups'],
  reserve: ['maxWorkers'],
  maxWorkers: ['reserve'],
}

/**
 * Returns the settings of the new deployment: the deployed settings, overridden by `burst.config.ts` and then by the flags. A setting that is neither
 * in the file nor in the flags keeps its deployed value. There are two exceptions. A setting that `--reset` names does not keep its value. A setting
 * in a list of `replaces` does not keep its value if the deployment changes or resets the setting in the key. Tags are added to the deployed tags.
 * @param deployed the deployed settings; undefined if the stack does not exist. If the stack exists but does not report its settings, `deployed`
 * contains only the hosts.
 * @throws BurstError (104) when a flag is not valid or there is no host
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
  const typed: Record<string, string | readonly string[] | undefined> = { ...flags, tags: undefined }
  return Object.fromEntries(
    settingNames.flatMap((name) => {
      const text = typed[name]
      return text === undefined ? [] : [[name, valueOf(name, text)]]
    }),
  )
}

/** Parses the value of a flag. Checks a single value with the schema of the setting. Does not check lists; `allowed` checks the hosts later. */
function valueOf(name: SettingName, given: string | readonly string[]): unknown {
  const { schema, wanted, flag } = stackSettings[name]
  if (typeof given !== 'string') return name === 'allow' ? given : list(given)
  const found = [given, wholeIn(given)].find((value) => v.is(schema, value))
  if (found === undefined) throw badFlag(`--${flag}`, given, `give ${wanted}`)
  return found
}

/**
 * Returns the deployed settings that the new deployment keeps. Omits each setting that is reset. If a setting is changed or reset, also omits the
 * settings in its list in `replaces`.
 */
function keptOf(deployed: StackSettings, asked: StackSettings, reset: readonly SettingName[]): StackSettings {
  const changed = (Object.keys(asked) as SettingName[]).filter((name) => asked[name] !== deployed[name])
  const gone = new Set([...reset, ...[...changed, ...reset].flatMap((name) => replaces[name] ?? [])])
  return Object.fromEntries(Object.entries(deployed).filter(([name]) => !gone.has(name as SettingName)))
}

function resetNames(flags: readonly string[], asked: StackSettings): SettingName[] {
  const names = list(flags) ?? []
  return names.map((text) => {
    const wanted = text.replace(/^--/, '')
    const name = settingNames.find((one) => stackSettings[one].flag === wanted)
    if (name === undefined) throw badFlag('--reset', text, `give one of ${flagNames.join(', ')}`)
    if (asked[name] !== undefined) {
      throw badFlag(
        '--reset',
        text,
        `to reset this setting, remove --${wanted} from the command and ${name} from burst.config.ts`,
      )
    }
    return name
  })
}

function allowed(asked: readonly string[] | undefined): readonly string[] {
  const allow = (asked ?? []).flatMap((one) => one.split(',')).filter((one) => one !== '')
  if (allow.length > 0) return checkedHosts([...new Set(allow.map(hostOf))])
  throw new BurstError('invalidInput', 'a stack needs at least one host that it may load-test', {
    hint: 'add --allow shop.example.com (or *.example.com), or allow: […] in burst.config.ts',
  })
}

/** Checks the hosts before the deployment changes anything. The stack checks its hosts with the same rules. */
function checkedHosts(hosts: readonly string[]): readonly string[] {
  allowedHosts(hosts)
  return hosts
}

/** Returns the host from a string that is either a host or a URL. */
function hostOf(text: string): string {
  const host = /^https?:\/\//i.test(text) ? (URL.parse(text)?.hostname ?? '') : text
  if (host === '*' || host === '*.')
    throw badFlag('--allow', text, 'name the hosts: a stack can load-test only the hosts in its settings')
  if (/^(\*\.)?[\w-]+(\.[\w-]+)*$|^\[[\da-f:]+\]$/i.test(host)) return host.toLowerCase()
  throw badFlag('--allow', text, 'write only the host, without a port or path, like shop.example.com or *.example.com')
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
