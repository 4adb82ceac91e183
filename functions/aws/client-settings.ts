/** Settings of the AWS clients inside functions. */
export interface ClientNeeds {
  /** The maximum number of concurrent requests. */
  sockets: number
  /** The timeout for each attempt of an SDK call, in milliseconds. */
  patienceMs: number
}

/** Returns the settings for a client of the SDK. By default, the SDK waits for a response without a time limit. */
export function clientSettings({ sockets, patienceMs }: ClientNeeds) {
  const agent = { keepAlive: true, maxSockets: sockets }
  return {
    maxAttempts: 5,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: patienceMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  }
}

/** Returns whether the SDK sends the requests of a service to an emulator. Reads the same environment variables as the SDK. */
export function isEmulated(service: 'S3' | 'SQS' | 'LAMBDA'): boolean {
  const { env } = process
  return Boolean(env['AWS_ENDPOINT_URL'] ?? env[`AWS_ENDPOINT_URL_${service}`])
}

/**
 * Returns a setting that the stack passes to its functions in an environment variable.
 * @throws Error when the variable is missing
 */
export function setting(name: string): string {
  const value = process.env[name]
  if (value) return value
  throw new Error(`${name} is not set: this function was not deployed by burst`)
}
