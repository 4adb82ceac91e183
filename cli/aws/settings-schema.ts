import * as v from 'valibot'
import type { BurstConfig } from '../../core/config.ts'
import { grouped } from '../../core/words.ts'

/**
 * The definition of a setting. With `schema`, burst checks `burst.config.ts`, the settings of a deployed stack, and the flags of `burst deploy`.
 * burst does not check a flag with `schema` if the value of the flag is a list.
 */
export interface Setting<T> {
  schema: v.GenericSchema<T>
  /** The valid values in words, for error messages. */
  wanted: string
  /** The name of the flag for the setting, without dashes. */
  flag: string
}
type Settings<K extends keyof BurstConfig> = { [P in K]-?: Setting<Exclude<BurstConfig[P], undefined>> }

type PlaceName = 'region' | 'profile' | 'stackName'

/** All settings of a stack, except region, profile and stack name. */
export type StackSettings = Omit<BurstConfig, PlaceName>
export type SettingName = keyof StackSettings

const longestText = 2048
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(longestText))
const texts = v.pipe(v.array(text), v.maxLength(1000))

function textOf(flag: string): Setting<string> {
  return { schema: text, wanted: `a string of 1 to ${grouped(longestText)} characters`, flag }
}

function listOf(flag: string): Setting<readonly string[]> {
  return { schema: texts, wanted: 'a list of strings', flag }
}

function wholeOf(flag: string, least: number, most: number): Setting<number> {
  const schema = v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most))
  return { schema, wanted: `a whole number from ${least} to ${grouped(most)}`, flag }
}

const placeSettings: Settings<PlaceName> = {
  region: textOf('region'),
  profile: textOf('profile'),
  stackName: textOf('stack-name'),
}

/** The settings of a stack, in the order in which they are shown. */
export const stackSettings: Settings<SettingName> = {
  allow: listOf('allow'),
  memory: wholeOf('memory', 128, 10_240),
  architecture: { schema: v.picklist(['arm64', 'x86_64']), wanted: 'arm64 or x86_64', flag: 'architecture' },
  vpc: textOf('vpc'),
  subnets: listOf('subnets'),
  securityGroups: listOf('security-groups'),
  retentionDays: wholeOf('retention-days', 1, 3650),
  permissionsBoundary: textOf('permissions-boundary'),
  rolePath: textOf('role-path'),
  kmsKey: textOf('kms-key'),
  assetBucket: textOf('asset-bucket'),
  tags: { schema: v.record(v.string(), text), wanted: 'an object with strings', flag: 'tag' },
  reserve: wholeOf('reserve', 1, 100_000),
  maxWorkers: wholeOf('max-workers', 1, 100_000),
}
export const settingNames = Object.keys(stackSettings) as SettingName[]

/** All settings of `burst.config.ts`. */
export const allSettings: Readonly<Record<string, Setting<unknown>>> = { ...placeSettings, ...stackSettings }
