/** What every line of an invocation has. */
export interface LogContext {
  stage: string
  run?: string
  slice?: number
  attempt?: number
}

/** Figures that become metrics of CloudWatch, and their units there, by the event whose line carries them. */
const metrics: Record<string, Record<string, string>> = {
  'report written': {
    users: 'Count',
    requests: 'Count',
    failures: 'Count',
    p99: 'Milliseconds',
    workersLost: 'Count',
  },
}

/**
 * One line of JSON. Lines with figures are in CloudWatch's embedded metric format: nothing else is needed for them to become metrics.
 * @param atMs epoch milliseconds
 */
export function logLine(context: LogContext, event: string, fields: Record<string, unknown>, atMs: number): string {
  const line = { time: new Date(atMs).toISOString(), event, ...context, ...fields }
  const units = Object.entries(metrics[event] ?? {}).filter(([name]) => typeof fields[name] === 'number')
  if (units.length === 0) return JSON.stringify(line)
  const Metrics = units.map(([Name, Unit]) => ({ Name, Unit }))
  // Without dimensions: a metric per run would be a new metric, and a new price, every time.
  const CloudWatchMetrics = [{ Namespace: 'burst', Dimensions: [[]], Metrics }]
  return JSON.stringify({ _aws: { Timestamp: atMs, CloudWatchMetrics }, ...line })
}
