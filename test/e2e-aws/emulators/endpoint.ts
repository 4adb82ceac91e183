import type { Cloud } from './cloud.ts'

/** The API that `BURST_E2E_ENDPOINT` names; it is somebody else's to stop. Undefined: none is named. */
export function givenEndpoint(): Cloud | undefined {
  const endpoint = process.env['BURST_E2E_ENDPOINT']
  if (!endpoint) return undefined
  const targetHost = process.env['BURST_E2E_TARGET_HOST'] ?? '127.0.0.1'
  return { name: 'endpoint', endpoint, targetHost, log: undefined, stop: async () => undefined }
}
