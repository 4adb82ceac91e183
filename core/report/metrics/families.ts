import type { Distribution } from '../../window/histograms/distribution.ts'
import type { Measured, MeasuredRequest } from './measured.ts'

export type Labels = Readonly<Record<string, string>>

/** All series of one metric. A metric of the type `counter` or `histogram` counts from the start of the run. */
export type MetricFamily = {
  name: string
  help: string
  /** The unit in UCUM notation; absent if the metric has no unit, for example if the metric is a count. */
  unit?: 's' | 'By' | undefined
} & (
  | { type: 'counter' | 'gauge'; samples: { labels: Labels; value: number }[] }
  | { type: 'histogram'; samples: { labels: Labels; lengths: Distribution }[] }
)

/** The quantiles that are exported in addition to the histograms. */
const quantiles = [0.5, 0.9, 0.95, 0.99] as const

/** The maximum number of statuses per request name. The limit prevents a target from creating an unlimited number of series. */
const statusCap = 64

type Values = [labels: Labels, value: number][]

interface Meaning {
  type: 'counter' | 'gauge'
  help: string
  unit?: 's' | 'By'
  values: (run: Measured) => Values
}

/** Returns a function that computes one value for each request name. */
function perName(value: (cell: MeasuredRequest) => number): Meaning['values'] {
  return ({ requests }) => requests.map((cell) => [nameOf(cell), value(cell)])
}

function nameOf({ method, name }: { method: string; name: string }): Labels {
  return { method, name }
}

/** All metrics that are not histograms. docs/monitoring.md lists these metrics. */
const meanings: Record<string, Meaning> = {
  burst_requests_total: {
    type: 'counter',
    help: 'Finished requests; a chain of redirects counts as one.',
    values: perName((cell) => cell.requests),
  },
  burst_failures_total: {
    type: 'counter',
    help: 'Failed requests.',
    values: perName((cell) => cell.failures),
  },
  burst_failures_by_kind_total: {
    type: 'counter',
    help: 'Failed requests by kind of failure, for all names together.',
    values: ({ failuresByKind }) => [...failuresByKind].map(([kind, count]): Values[number] => [{ kind }, count]),
  },
  burst_exchanges_total: {
    type: 'counter',
    help: 'Requests sent to the target; each redirect counts as one.',
    values: perName((cell) => cell.exchanges),
  },
  burst_interrupted_total: {
    type: 'counter',
    help: 'Requests that burst itself cut off when users stopped; no other count includes these requests.',
    values: perName((cell) => cell.interrupted),
  },
  burst_responses_total: {
    type: 'counter',
    help: 'Finished requests by HTTP status; 0 means that there was no response.',
    values: ({ requests }) =>
      requests.flatMap((cell) =>
        [...statusesOf(cell)].map(([status, count]): Values[number] => [{ ...nameOf(cell), status }, count]),
      ),
  },
  burst_received_bytes_total: {
    type: 'counter',
    unit: 'By',
    help: 'Bytes received.',
    values: perName((cell) => cell.bytesIn),
  },
  burst_sent_bytes_total: {
    type: 'counter',
    unit: 'By',
    help: 'Bytes sent.',
    values: perName((cell) => cell.bytesOut),
  },
  burst_latency_quantile_seconds: {
    type: 'gauge',
    unit: 's',
    help: 'Quantiles of the latency of all requests since the start.',
    values: ({ requests }) => requests.flatMap((cell) => quantilesOf(cell)),
  },
  burst_exceptions_total: {
    type: 'counter',
    help: "Exceptions that the scenario's own code threw.",
    values: ({ exceptions }) => [[{}, exceptions]],
  },
  burst_users: { type: 'gauge', help: 'Users alive.', values: ({ users }) => [[{}, users.actual]] },
  burst_users_planned: {
    type: 'gauge',
    help: 'Planned users.',
    values: ({ users }) => [[{}, users.planned]],
  },
  burst_users_draining: {
    type: 'gauge',
    help: 'Users that were asked to stop and have not ended.',
    values: ({ users }) => [[{}, users.draining]],
  },
  burst_workers: { type: 'gauge', help: 'Workers that report.', values: ({ workers }) => [[{}, workers.alive]] },
  burst_workers_planned: {
    type: 'gauge',
    help: 'Planned workers.',
    values: ({ workers }) => [[{}, workers.planned]],
  },
  burst_arrivals_started_total: {
    type: 'counter',
    help: 'Arrivals that burst has started.',
    values: ({ arrivals }) => (arrivals ? [[{}, arrivals.started]] : []),
  },
  burst_arrivals_dropped_total: {
    type: 'counter',
    help: 'Arrivals that were planned but not started, by cause; lost arrivals are counted at the end of the run.',
    values: ({ arrivals }) =>
      Object.entries(arrivals?.dropped ?? {}).map(([cause, count]): Values[number] => [{ cause }, count]),
  },
  burst_lag_quantile_seconds: {
    type: 'gauge',
    unit: 's',
    help: 'Delay of requests: the time from the moment at which a user was due to send a request until burst sent the request; quantile 1 is the maximum.',
    values: ({ lagMs: { p50, p99, max } }) => inSeconds({ '0.5': p50, '0.99': p99, '1': max }, {}),
  },
  burst_generator_bound: {
    type: 'gauge',
    help: '1 when the run is generator-bound, which means that burst itself causes requests to be sent later than planned; else 0.',
    values: ({ bound }) => (bound === null ? [] : [[{}, Number(bound)]]),
  },
  burst_latencies_inaccurate: {
    type: 'gauge',
    help: '1 when the latencies may be inaccurate because burst read responses late, else 0.',
    values: ({ inaccurate }) => (inaccurate === null ? [] : [[{}, Number(inaccurate)]]),
  },
  burst_elapsed_seconds: {
    type: 'gauge',
    unit: 's',
    help: 'Time since the start of the run.',
    values: ({ elapsedS }) => [[{}, elapsedS]],
  },
  burst_finished: {
    type: 'gauge',
    help: '1 when the run has ended and the values come from its report, else 0.',
    values: ({ finished }) => [[{}, Number(finished)]],
  },
}

/** Returns all metrics of the given runs, without metrics that have no series. Each series has the labels `run` and `scenario`. */
export function metricFamilies(runs: readonly Measured[]): MetricFamily[] {
  const plain = Object.entries(meanings).map(([name, { type, help, unit, values }]): MetricFamily => {
    const samples = runs.flatMap((run) =>
      values(run).map(([labels, value]) => ({ labels: labelled(run, labels), value })),
    )
    return { name, help, unit, type, samples }
  })
  const latency: MetricFamily = {
    name: 'burst_latency_seconds',
    help: 'Time from immediately before the request is written to the last byte of the response body.',
    unit: 's',
    type: 'histogram',
    samples: runs.flatMap((run) =>
      run.requests.map((cell) => ({ labels: labelled(run, nameOf(cell)), lengths: cell.latency })),
    ),
  }
  return [...plain, latency].filter(({ samples }) => samples.length > 0)
}

function labelled({ run, scenario }: Measured, labels: Labels): Labels {
  return { run, scenario, ...labels }
}

/** Returns the counts by status. If the name has more than 64 statuses, returns the counts by class of status, such as `4xx`. */
function statusesOf({ statuses }: MeasuredRequest): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [status, count] of statuses) {
    const label = statuses.size > statusCap && status > 0 ? `${Math.floor(status / 100)}xx` : String(status)
    counts.set(label, (counts.get(label) ?? 0) + count)
  }
  return counts
}

function quantilesOf(cell: MeasuredRequest): Values {
  const found = quantiles.map((quantile) => [String(quantile), cell.latency.percentileMs(100 * quantile) ?? null])
  return inSeconds(Object.fromEntries(found), nameOf(cell))
}

function inSeconds(byQuantile: Record<string, number | null>, labels: Labels): Values {
  return Object.entries(byQuantile).flatMap(([quantile, ms]): Values =>
    ms === null ? [] : [[{ ...labels, quantile }, ms / 1000]],
  )
}
