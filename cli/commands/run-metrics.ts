import { Option } from 'commander'
import { invalidInput } from '../../core/errors.ts'
import type { RunRequest } from '../run/run-request.ts'

/** The flags of `burst run` about monitoring systems. */
export interface MetricsFlags {
  prometheus?: string
}

export function metricsFlags(): Option[] {
  return [
    new Option(
      '--prometheus <[host:]port>',
      'serve the figures to Prometheus at /metrics; 0 takes any port; only this machine reaches it unless a host is given',
    ),
    new Option(
      '--trace-context',
      'send a traceparent header with each request; the examples of failures in the report name its trace',
    ),
  ]
}

/** @throws BurstError (104): a detached run has no process that could send its figures */
export function refuseDetached({ detach, prometheus }: MetricsFlags & { detach?: boolean }): void {
  if (!detach || prometheus === undefined) return
  throw invalidInput('--prometheus cannot be combined with --detach', {
    hint: 'burst ui serves the figures of runs on AWS at /metrics',
  })
}

/** Carries out a run and sends its figures to where the flags say. The code for that is loaded only when it is needed. */
export async function observed<T extends RunRequest>(
  { prometheus }: MetricsFlags,
  request: T,
  run: (request: T) => Promise<number>,
): Promise<number> {
  if (prometheus === undefined) return run(request)
  const [{ metricsPlace, serveMetrics }, { screenFor }] = await Promise.all([
    import('../run/metrics/endpoint.ts'),
    import('../terminal/display.ts'),
  ])
  const screen = screenFor(request.json ? process.stderr : process.stdout, request.quiet)
  const observer = await serveMetrics(metricsPlace(prometheus), (line) => {
    if (!request.quiet) screen.stream.write(`${line}\n`)
  })
  try {
    return await run({ ...request, observer })
  } finally {
    await observer.close()
  }
}
