import type { BurstConfig } from '../../core/config.ts'
import { invalidInput } from '../../core/errors.ts'
import { readConfig } from './config-file.ts'
import { cloudProblem } from './cloud-problem.ts'

/** The flags that select the region, the profile, the endpoint and the stack. */
export interface PlaceFlags {
  region?: string
  profile?: string
  stackName?: string
  endpoint?: string
  localstack?: boolean
}

/** The region, the profile, the stack and the endpoint that a command uses. */
export interface Place {
  region: string
  profile: string | undefined
  stackName: string
  /** The URL of an emulator; undefined for AWS itself. */
  endpoint: string | undefined
  /** The settings in `burst.config.ts`. */
  config: BurstConfig
}

const localstackUrl = 'http://localhost:4566'
/** Credentials that emulators accept. */
const dummy = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' } as const

/**
 * Reads the region, the profile and the stack from the flags, `burst.config.ts` and the AWS settings. Reads the endpoint only from the flags and
 * `AWS_ENDPOINT_URL`. Sets the environment of this process, so that every AWS client and the CDK use these values.
 * @throws BurstError (104) when there is no region, when the region, the name of the stack or the endpoint is not valid, or when `burst.config.ts`
 * cannot be loaded
 */
export async function choosePlace(flags: PlaceFlags, cwd: string): Promise<Place> {
  const config = await readConfig(cwd)
  const asked = { ...config, ...flags }
  const endpoint = chosenEndpoint(flags)
  const profile = endpoint === undefined ? useProfile(asked.profile) : useEmulator(endpoint)
  const region = await chosenRegion(asked.region, { endpoint, profile })
  process.env['AWS_REGION'] = region
  process.env['AWS_DEFAULT_REGION'] = region
  return { region, profile, stackName: chosenStack(asked.stackName ?? 'burst'), endpoint, config }
}

/** Runs `act`. Converts an error of AWS to a BurstError that names the problem and the remedy. */
export async function onAws<T>(place: Place, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw cloudProblem(error, place)
  }
}

function chosenEndpoint({ endpoint, localstack }: PlaceFlags): string | undefined {
  const url = endpoint ?? (localstack ? localstackUrl : process.env['AWS_ENDPOINT_URL'])
  if (url === undefined || url === '') return undefined
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return withoutSlash(url)
  throw invalidInput(`the endpoint '${url}' is not an http URL`, { hint: `write it like --endpoint ${localstackUrl}` })
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

/**
 * Removes the profile and the session token from the environment, because emulators have no profiles. Keeps the access key and the secret key only if
 * both are set and `AWS_ENDPOINT_URL` already names this endpoint: then both keys belong to the emulator. In all other cases, replaces both keys,
 * because burst must not send the keys of a real account to an emulator. Also replaces them if only one key is set. With only one key, the SDK would
 * look for other credentials, and could find the credentials of a real account.
 */
function useEmulator(endpoint: string): undefined {
  delete process.env['AWS_PROFILE']
  delete process.env['AWS_SESSION_TOKEN']
  const areGiven = Object.keys(dummy).every((name) => Boolean(process.env[name]))
  const areItsOwn = withoutSlash(process.env['AWS_ENDPOINT_URL'] ?? '') === endpoint
  process.env['AWS_ENDPOINT_URL'] = endpoint
  if (!areGiven || !areItsOwn) Object.assign(process.env, dummy)
}

/**
 * Sets `AWS_PROFILE` to `asked`. Removes the access keys from the environment, because `asked` takes precedence over these keys. If `asked` is
 * undefined, changes nothing.
 * @param asked the profile from the flag or from `burst.config.ts`
 * @returns the profile that the AWS clients use; undefined if none is chosen
 */
function useProfile(asked: string | undefined): string | undefined {
  if (asked === undefined) return process.env['AWS_PROFILE']
  process.env['AWS_PROFILE'] = asked
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[name]
  return asked
}

async function chosenRegion(
  asked: string | undefined,
  where: { endpoint: string | undefined; profile: string | undefined },
): Promise<string> {
  // An empty variable counts as not set.
  const region = asked ?? (process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'])
  if (region !== undefined && region !== '') return plainRegion(region)
  if (where.endpoint !== undefined) return 'us-east-1'
  const { STSClient } = await import('@aws-sdk/client-sts')
  try {
    return await new STSClient({}).config.region()
  } catch (error) {
    throw cloudProblem(error, where)
  }
}

function plainRegion(region: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return region
  throw invalidInput(`'${region}' is not an AWS region`, { hint: 'write it like --region eu-central-1' })
}

function chosenStack(name: string): string {
  if (/^[A-Za-z][A-Za-z\d-]{0,60}$/.test(name)) return name
  throw invalidInput(`'${name}' is not a name for a stack`, {
    hint: 'use letters, digits and dashes, and begin with a letter',
  })
}
