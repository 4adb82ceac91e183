import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type PlaceFlags, choosePlace } from '../../../cli/aws/place.ts'
import { emptyFolder } from '../command-line.ts'

const names = [
  'AWS_ENDPOINT_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
] as const
type Environment = Partial<Record<(typeof names)[number], string>>

beforeEach(() => {
  for (const name of names) vi.stubEnv(name, undefined)
})
afterEach(() => void vi.unstubAllEnvs())

/**
 * Sets the variables of `environment`, and chooses the place for a command with these flags. Returns the environment variables that then determine
 * the endpoint and the credentials of the AWS clients.
 */
async function chosen(environment: Environment, flags: PlaceFlags): Promise<Environment> {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  await choosePlace({ region: 'eu-west-1', ...flags }, await emptyFolder())
  const {
    AWS_REGION: _region,
    AWS_DEFAULT_REGION: _default,
    ...left
  } = Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  ) as Environment
  return left
}

const emulator = 'http://127.0.0.1:4566'
const real = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'real' }
const madeUp = { AWS_ENDPOINT_URL: emulator, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }

test.each<[string, Environment]>([
  ['keys', real],
  ['keys and an empty AWS_ENDPOINT_URL', { ...real, AWS_ENDPOINT_URL: '' }],
  ['keys for another endpoint in AWS_ENDPOINT_URL', { ...real, AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' }],
  ['a key without its secret', { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_ENDPOINT_URL: emulator }],
  ['a profile and a session token', { ...real, AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 'token' }],
  ['no credentials', {}],
])(
  'if the environment contains %s, burst sends made-up credentials, and no others, to the emulator of --endpoint',
  async (_, given) => {
    expect(await chosen(given, { endpoint: `${emulator}/` })).toEqual(madeUp)
  },
)

test.each<[string, PlaceFlags]>([
  ['without --endpoint', {}],
  ['with the same --endpoint', { endpoint: emulator }],
])('%s, burst sends the keys of the environment to the endpoint in AWS_ENDPOINT_URL', async (_, flags) => {
  const given = { ...real, AWS_ENDPOINT_URL: `${emulator}/` }
  expect(await chosen(given, flags)).toEqual({ ...real, AWS_ENDPOINT_URL: emulator })
})

test('without an emulator, burst does not change the credentials of the environment', async () => {
  const given = { ...real, AWS_SESSION_TOKEN: 'token' }
  expect(await chosen(given, {})).toEqual(given)
})
