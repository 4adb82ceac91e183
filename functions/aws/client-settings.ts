/** Settings of the AWS clients inside functions. */
export interface ClientNeeds {
  /** The maximum number of concurrent requests. */
  sockets: number
  /** The timeout for each attempt of an SDK call, and for each pause in a response, in milliseconds. */
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
      // `requestTimeout` applies only until the headers of the response arrive. `socketTimeout` also aborts a response whose body stops arriving.
      socketTimeout: patienceMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  }
}

/**
 * The settings for the clients of commands. A call ends with an error if the connection transfers no byte for 30 s. The duration of a call has no
 * limit, because an upload over a slow connection takes long.
 */
export const commandSettings = { requestHandler: { connectionTimeout: 10_000, socketTimeout: 30_000 } } as const

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
