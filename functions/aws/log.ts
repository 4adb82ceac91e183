/** The fields of every log line of an invocation. */
export interface LogContext {
  stage: string
  run?: string
  slice?: number
  attempt?: number
}

/** For each event, the logged values that become CloudWatch metrics, with their units. */
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
 * Returns one line of JSON. If the line contains values for `metrics`, it has CloudWatch's embedded metric format. CloudWatch then creates the
 * metrics from the line, so burst does not need to call CloudWatch.
 * @param atMs the time of the event, in epoch milliseconds
 */
export function logLine(context: LogContext, event: string, fields: Record<string, unknown>, atMs: number): string {
  const line = { time: new Date(atMs).toISOString(), event, ...context, ...fields }
  const units = Object.entries(metrics[event] ?? {}).filter(([name]) => typeof fields[name] === 'number')
  if (units.length === 0) return JSON.stringify(line)
  const Metrics = units.map(([Name, Unit]) => ({ Name, Unit }))
  // The metrics have no dimensions. With a dimension, each run would create a new metric, and each metric costs money.
  const CloudWatchMetrics = [{ Namespace: 'burst', Dimensions: [[]], Metrics }]
  return JSON.stringify({ _aws: { Timestamp: atMs, CloudWatchMetrics }, ...line })
}
