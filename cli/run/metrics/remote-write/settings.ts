import { invalidInput } from '../../../../core/errors.ts'
import { type ReceiverOption, receiverHeaders, receiverUrl } from '../receiver.ts'

const [usernameVariable, passwordVariable, tokenVariable, headersVariable] = [
  'BURST_PROMETHEUS_RW_USERNAME',
  'BURST_PROMETHEUS_RW_PASSWORD',
  'BURST_PROMETHEUS_RW_BEARER_TOKEN',
  'BURST_PROMETHEUS_RW_HEADERS',
]

const option: ReceiverOption = {
  flag: '--prometheus-remote-write',
  example: 'http://localhost:9090/api/v1/write',
  credentials: `credentials belong in ${usernameVariable} and ${passwordVariable}, or in ${tokenVariable}`,
}

/**
 * Parses `--prometheus-remote-write http://localhost:9090/api/v1/write`. If the URL has no path, the path of Prometheus is added.
 * @throws BurstError (104) when the value is not an http or https URL, or contains credentials
 */
export function remoteWriteUrl(text: string): URL {
  return receiverUrl(text, option)
}

/**
 * Returns the headers for remote write from the environment variables: Basic or Bearer authentication, and any other headers.
 * @throws BurstError (104) when a variable is not valid, or two of them set the header `authorization`; the message does not contain their values,
 * because they are secret
 */
export function remoteWriteHeaders(env: NodeJS.ProcessEnv): Record<string, string> {
  const headers = receiverHeaders(env[headersVariable] ?? '', headersVariable)
  const given = Object.entries({
    [headersVariable]: headers['authorization'],
    [usernameVariable]: basic(env),
    [tokenVariable]: bearer(env),
  }).filter(([, value]) => value !== undefined)
  if (given.length > 1) {
    const variables = given.map(([variable]) => variable).join(' and ')
    throw invalidInput(`${variables} both set the header authorization`, { hint: 'unset one of these variables' })
  }
  const [[, authorization] = []] = given
  return authorization === undefined ? headers : { ...headers, authorization }
}

function basic(env: NodeJS.ProcessEnv): string | undefined {
  const [username = '', password = ''] = [env[usernameVariable], env[passwordVariable]]
  if (username === '' && password === '') return undefined
  if (username === '') {
    throw invalidInput(`${passwordVariable} is set, but ${usernameVariable} is not`, {
      hint: 'set both variables, or unset both',
    })
  }
  // In Basic authentication, the first colon ends the user name.
  if (username.includes(':')) throw invalidInput(`${usernameVariable} contains a colon`)
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function bearer(env: NodeJS.ProcessEnv): string | undefined {
  const token = env[tokenVariable]?.trim() ?? ''
  if (token === '') return undefined
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`
  throw invalidInput(`${tokenVariable} is not a token`, {
    hint: 'the value must be the token itself: visible ASCII characters without spaces',
  })
}
