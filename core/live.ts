/** The state of a run while it goes on, as the terminal (and later a web page) shows it. Derived from shard states and the plan. */
export interface LiveSnapshot {
  /** Seconds since the start; negative before it. */
  elapsedS: number
  /** null: until somebody stops it. */
  durationS: number | null
  phase: 'starting' | 'running' | 'ending'
  plannedUsers: number
  users: number
  draining: number
  workersPlanned: number
  workersAlive: number
  requests: number
  failures: number
  /** Over the last seconds that were reported. */
  rps: number
  failuresPerS: number
  latencyMs: { p50: number | null; p95: number | null; p99: number | null }
  generator: 'unknown' | 'healthy' | 'bound'
  /** The busiest names of the last seconds, at most 8. */
  top: { method: string; name: string; rps: number; failuresPerS: number; p50: number | null; p95: number | null }[]
}
