import { counted, grouped } from '../../../core/words.ts'
import { type SettingName, type StackSettings, settingNames, stackSettings } from '../settings-schema.ts'

const defaults: StackSettings = { memory: 1769, architecture: 'arm64', retentionDays: 30 }
const units: Partial<Record<SettingName, (value: number) => string>> = {
  memory: (value) => `${grouped(value)} MB`,
  retentionDays: (value) => counted(value, 'day'),
}
/** What changes when a setting is removed. burst shows this text beside the removed setting. */
const consequences: Partial<Record<SettingName, string>> = {
  permissionsBoundary: "the functions' roles no longer have a permissions boundary",
  vpc: 'the workers leave the VPC',
  subnets: 'the workers leave these subnets',
  securityGroups: 'the workers leave these security groups',
  kmsKey: 'from now on, AWS encrypts the data with its own keys',
  reserve: 'no concurrency is reserved for the workers',
  maxWorkers: 'the number of workers is no longer limited',
}

/**
 * Returns the changes that a deployment makes to the settings of a stack: one line for each changed setting. A setting with several items (a list or
 * tags) has one line for each added or removed item.
 * @returns an empty list when no setting changes
 */
export function settingChanges(before: StackSettings, after: StackSettings): string[] {
  return settingNames.flatMap((name) => changesOf(name, before[name] ?? defaults[name], after[name] ?? defaults[name]))
}

/**
 * Returns the settings that have a value, one line each. Omits the hosts. Also omits each setting without a value: the default applies to this
 * setting.
 */
export function settingLines(settings: StackSettings): string[] {
  return settingNames.flatMap((name) => {
    const value = settings[name]
    if (value === undefined || name === 'allow') return []
    return [`${stackSettings[name].flag}: ${shown(name, value)}`]
  })
}

type Value = StackSettings[SettingName]

function changesOf(name: SettingName, before: Value, after: Value): string[] {
  const label = stackSettings[name].flag
  if (isMany(before) || isMany(after)) {
    const [was, is] = [entriesOf(before), entriesOf(after)]
    const joined = is.filter((one) => !was.includes(one)).map((one) => `${label}: + ${one}${noteOn(name, 'joins')}`)
    const left = was.filter((one) => !is.includes(one)).map((one) => `${label}: - ${one}${noteOn(name, 'leaves')}`)
    return [...joined, ...left]
  }
  if (before === after) return []
  if (after === undefined) return [`${label}: - ${shown(name, before)}${afterColon(consequences[name])}`]
  return [`${label}: ${before === undefined ? '' : `${shown(name, before)} → `}${shown(name, after)}`]
}

function noteOn(name: SettingName, what: 'joins' | 'leaves'): string {
  if (name !== 'allow') return ''
  return what === 'joins'
    ? ' (from now on, the stack is allowed to load-test this host)'
    : ' (from now on, the stack is not allowed to load-test this host)'
}

function afterColon(text: string | undefined): string {
  return text === undefined ? '' : ` (${text})`
}

function isMany(value: Value): value is readonly string[] | Readonly<Record<string, string>> {
  return typeof value === 'object'
}

function entriesOf(value: Value): string[] {
  if (!isMany(value)) return []
  return Array.isArray(value) ? [...value] : Object.entries(value).map(([key, text]) => `${key}=${text}`)
}

function shown(name: SettingName, value: Value): string {
  if (isMany(value)) return entriesOf(value).join(', ')
  if (typeof value !== 'number') return String(value)
  return units[name]?.(value) ?? grouped(value)
}
