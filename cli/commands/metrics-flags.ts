import { Option } from 'commander'
import { invalidInput } from '../../core/errors.ts'
import { type Observing, type RunObserver, allOf } from '../run/observer.ts'
import { type RunRequest, streamOf } from '../run/run-request.ts'

/** The flags that name the receivers of a run's metrics. */
export interface ReceiverFlags {
  prometheusRemoteWrite?: string
  otlp?: string
}

/** The flags of `burst run` that name monitoring systems. */
export interface MetricsFlags extends ReceiverFlags {
  prometheus?: string
}

export function metricsFlags(): Option[] {
  return [
    new Option(
      '--prometheus <[host:]port>',
      'serve the metrics to Prometheus at /metrics; 0 uses any free port; without a host, only this machine can reach the endpoint',
    ),
    ...receiverFlags(),
  ]
}

/** Returns the flags that both `burst run` and `burst ui` have. In `burst ui`, these flags apply to each run that the page starts. */
export function receiverFlags(): Option[] {
  return [
    new Option(
      '--prometheus-remote-write <url>',
      'push the metrics every 5 s to this URL of Prometheus by remote write, such as http://localhost:9090/api/v1/write',
    ),
    new Option(
      '--otlp <url>',
      'push the metrics every 5 s to this URL of an OpenTelemetry receiver, such as http://localhost:4318/v1/metrics',
    ),
    new Option(
      '--trace-context',
      'send a traceparent header with each request; the report names the trace of each failure example',
    ),
  ]
}

/**
 * Refuses `--detach` if another flag names a monitoring system. With `--detach`, the command ends before it can send the metrics of the run.
 * @throws BurstError (104) that names the first flag with a monitoring system
 */
export function refuseDetached(flags: MetricsFlags & { detach?: boolean }): void {
  const [flag] = systemsIn(flags)
  if (!flags.detach || flag === undefined) return
  throw invalidInput(`${flag} cannot be combined with --detach`, {
    hint: 'burst ui serves the metrics of runs on AWS at /metrics',
  })
}

/** Returns the names of the flags, such as `--otlp`, with which the user has named a monitoring system. */
function systemsIn({ prometheus, prometheusRemoteWrite, otlp }: MetricsFlags): string[] {
  const values = { '--prometheus': prometheus, '--prometheus-remote-write': prometheusRemoteWrite, '--otlp': otlp }
  return Object.entries(values).flatMap(([flag, value]) => (value === undefined ? [] : [flag]))
}

/**
 * Calls `run`. If the flags name monitoring systems, first loads the code for monitoring and passes an observer to `run`. The observer sends the
 * metrics of the run to these systems.
 * @returns the exit code that `run` returns
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
  const observer = allOf(observers)
  try {
    return await run({ ...request, observer })
  } finally {
    await observer.close()
  }
}

async function observersFor(flags: MetricsFlags, say: (line: string) => void): Promise<RunObserver[]> {
  const observe = await observingOf(flags)
  const observers = observe ? [observe(say)] : []
  if (flags.prometheus !== undefined) {
    const { metricsPlace, serveMetrics } = await import('../run/metrics/endpoint.ts')
    observers.push(await serveMetrics(metricsPlace(flags.prometheus), say))
  }
  return observers
}

/**
 * Returns a function that creates the observer of one run. The observer sends the metrics of the run to the receivers that the flags name. If the
 * flags do not name a receiver, returns undefined.
 * @throws BurstError (104) when a URL, or an environment variable with headers or credentials, is not valid
 */
export async function observingOf({ prometheusRemoteWrite, otlp }: ReceiverFlags): Promise<Observing | undefined> {
  const all: Observing[] = []
  if (otlp !== undefined) {
    const { OtlpPush, otlpHeaders, otlpUrl } = await import('../run/metrics/otlp-push.ts')
    const [url, headers] = [otlpUrl(otlp), otlpHeaders(process.env['OTEL_EXPORTER_OTLP_HEADERS'])]
    all.push((say) => new OtlpPush({ url, headers, say }))
  }
  if (prometheusRemoteWrite !== undefined) {
    const [{ RemoteWrite }, { remoteWriteHeaders, remoteWriteUrl }] = await Promise.all([
      import('../run/metrics/remote-write/remote-write.ts'),
      import('../run/metrics/remote-write/settings.ts'),
    ])
    const [url, headers] = [remoteWriteUrl(prometheusRemoteWrite), remoteWriteHeaders(process.env)]
    all.push((say) => new RemoteWrite({ url, headers, say }))
  }
  return all.length === 0 ? undefined : (say) => allOf(all.map((observe) => observe(say)))
}
