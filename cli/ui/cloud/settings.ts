import type { BurstConfig } from '../../../core/config.ts'
import type { PlaceFlags } from '../../aws/place.ts'
import { readConfig } from '../../aws/config-file.ts'

const variables = ['AWS_ENDPOINT_URL', 'AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION'] as const

/** The stack on AWS that the page offers. */
export interface CloudPlace {
  flags: PlaceFlags
  /** The name of the stack in the form and in the list of runs. */
  name: string
}

/**
 * Returns the stack from the flags, `burst.config.ts` and the environment. Returns undefined if no flag is given, `burst.config.ts` has no setting,
 * and none of `variables` is set.
 * @throws BurstError (104) when `burst.config.ts` cannot be loaded
 */
export async function cloudFor(flags: PlaceFlags, cwd: string): Promise<CloudPlace | undefined> {
  const config = await readConfig(cwd)
  const { region, profile, stackName, endpoint, localstack } = flags
  const isGiven = [region, profile, stackName, endpoint, localstack].some((flag) => flag !== undefined)
  const isConfigured = Object.keys(config).length > 0 || variables.some((name) => process.env[name])
  return isGiven || isConfigured ? { flags, name: nameOf(flags, config) } : undefined
}

function nameOf(flags: PlaceFlags, config: BurstConfig): string {
  const stackName = flags.stackName ?? config.stackName ?? 'burst'
  const stack = stackName === 'burst' ? '' : ` '${stackName}'`
  if (flags.localstack) return `LocalStack${stack}`
  const endpoint = flags.endpoint ?? process.env['AWS_ENDPOINT_URL']
  return endpoint ? `AWS stack${stack}, emulated at ${endpoint}` : `AWS stack${stack}${inRegion(flags, config)}`
}

function inRegion(flags: PlaceFlags, config: BurstConfig): string {
  const region = flags.region ?? config.region ?? (process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'])
  return region ? `, ${region}` : ''
}
