import type { PlaceFlags } from '../aws/place.ts'
import { readConfig } from '../aws/config-file.ts'

const variables = ['AWS_ENDPOINT_URL', 'AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION'] as const

/** The place on AWS that the page offers: what the flags name, or what is configured. Undefined where neither says anything of AWS. */
export async function cloudFor(flags: PlaceFlags, cwd: string): Promise<PlaceFlags | undefined> {
  const { region, profile, stackName, endpoint, localstack } = flags
  const given = [region, profile, stackName, endpoint, localstack].some((flag) => flag !== undefined)
  if (given || variables.some((name) => process.env[name])) return flags
  return Object.keys(await readConfig(cwd)).length > 0 ? flags : undefined
}
