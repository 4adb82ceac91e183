import type { Cloud } from './cloud.ts'

/**
 * Returns the API that `BURST_E2E_ENDPOINT` names. The suite does not stop this API.
 * @throws Error when the variable is not set
 */
export async function givenEndpoint(): Promise<Cloud> {
  const endpoint = process.env['BURST_E2E_ENDPOINT']
  if (!endpoint) throw new Error('no endpoint is given: set BURST_E2E_ENDPOINT')
  const targetHost = process.env['BURST_E2E_TARGET_HOST'] ?? '127.0.0.1'
  return {
    name: 'endpoint',
    endpoint,
    certificate: undefined,
    targetHost,
    log: undefined,
    processesOf: async () => [],
    stop: async () => undefined,
  }
}
