import { Option } from 'commander'
import { invalidInput } from '../../core/errors.ts'
import type { RunObserver } from '../run/observer.ts'
import { type RunRequest, streamOf } from '../run/run-request.ts'

/** The flags of `burst run` about monitoring systems. */
export interface MetricsFlags {
  prometheus?: string
  prometheusRemoteWrite?: string
  otlp?: string
}

export function metricsFlags(): Option[] {
  return [
    new Option(
      '--prometheus <[host:]port>',
      'serve the metrics to Prometheus at /metrics; 0 uses any free port; only this machine reaches the endpoint unless a host is given',
    ),
    new Option(
      '--prometheus-remote-write <url>',
      'push the metrics to Prometheus by remote write every 5 s, like http://localhost:9090/api/v1/write',
    ),
    new Option(
      '--otlp <url>',
      'push the metrics to an OpenTelemetry receiver every 5 s, like http://localhost:4318/v1/metrics',
    ),
    new Option(
      '--trace-context',
      'send a traceparent header with each request; the report names the trace of each failure example',
    ),
  ]
}

/** @throws BurstError (104) with `--detach`, because a detached run has no process that could send its metrics */
export function refuseDetached(flags: MetricsFlags & { detach?: boolean }): void {
  const [flag] = systemsIn(flags)
  if (!flags.detach || flag === undefined) return
  throw invalidInput(`${flag} cannot be combined with --detach`, {
    hint: 'burst ui serves the metrics of runs on AWS at /metrics',
  })
}

/** The given options that name a monitoring system. */
function systemsIn({ prometheus, prometheusRemoteWrite, otlp }: MetricsFlags): string[] {
  const values = { '--prometheus': prometheus, '--prometheus-remote-write': prometheusRemoteWrite, '--otlp': otlp }
  return Object.entries(values).flatMap(([flag, value]) => (value === undefined ? [] : [flag]))
}

/**
 * Runs `act` and sends the metrics of the run to the monitoring systems that the flags name. The code for monitoring is loaded only if a flag needs
 * it.
 */
export async function observed<T extends RunRequest>(
  flags: MetricsFlags,
  request: T,
  run: (request: T) => Promise<number>,
): Promise<number> {
  if (systemsIn(flags).length === 0) return run(request)
  const { screenFor } = await import('../terminal/display.ts')
  const screen = screenFor(streamOf(request), request.quiet)
  const observers = await observersFor(flags, (line) => {
    if (!request.quiet) screen.stream.write(`${line}\n`)
  })
  const observer: RunObserver = {
    began: (metered) => {
      for (const one of observers) one.began(metered)
    },
    ended: async (report) => void (await Promise.all(observers.map(async (one) => one.ended(report)))),
    close: async () => void (await Promise.all(observers.map(async (one) => one.close()))),
  }
  try {
    return await run({ ...request, observer })
  } finally {
    await observer.close()
  }
}

async function observersFor(
  { prometheus, prometheusRemoteWrite, otlp }: MetricsFlags,
  say: (line: string) => void,
): Promise<RunObserver[]> {
  const observers: RunObserver[] = []
  if (otlp !== undefined) {
    const { OtlpPush, otlpHeaders, otlpUrl } = await import('../run/metrics/otlp-push.ts')
    const headers = otlpHeaders(process.env['OTEL_EXPORTER_OTLP_HEADERS'])
    observers.push(new OtlpPush({ url: otlpUrl(otlp), headers, say }))
  }
  if (prometheusRemoteWrite !== undefined) {
    const [{ RemoteWrite }, { remoteWriteHeaders, remoteWriteUrl }] = await Promise.all([
      import('../run/metrics/remote-write/remote-write.ts'),
      import('../run/metrics/remote-write/settings.ts'),
    ])
    const url = remoteWriteUrl(prometheusRemoteWrite)
    observers.push(new RemoteWrite({ url, headers: remoteWriteHeaders(process.env), say }))
  }
  if (prometheus !== undefined) {
    const { metricsPlace, serveMetrics } = await import('../run/metrics/endpoint.ts')
    observers.push(await serveMetrics(metricsPlace(prometheus), say))
  }
  return observers
}
