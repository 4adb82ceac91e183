import { survivesItsShell, whenParentsEnd } from './parents.ts'

const asked = ['SIGINT', 'SIGTERM'] as const
/**
 * npx passes a Ctrl-C on that the terminal has sent to burst as well, and whoever closes a terminal may send SIGTERM beside SIGHUP: signals
 * within this time are one request, milliseconds.
 */
const sameMs = 300

/** Why a run is to end. */
export interface StopRequest {
  /** 1 at the first request; more when a person or a program asks again. */
  times: number
  /** For the report. */
  by: string
  /** The terminal or the process that burst was started from is gone: a second request may never come. */
  left: boolean
}

/**
 * Calls `stop` at Ctrl-C and SIGTERM, once when the terminal is closed (SIGHUP; not under nohup), and once when the process that burst was
 * started by is gone. The last two count only while the run has not been asked to stop.
 * @returns a function that gives the signals their usual meaning back
 */
export function onStopSignals(stop: (request: StopRequest) => void): () => void {
  let times = 0
  let heardAtMs = Number.NEGATIVE_INFINITY
  const heard = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now()
    if (nowMs - heardAtMs < sameMs) return
    heardAtMs = nowMs
    stop({ times: ++times, by: signal === 'SIGINT' ? 'Ctrl-C' : signal, left: false })
  }
  const leave = (by: string): void => {
    if (times > 0) return
    heardAtMs = performance.now()
    stop({ times: ++times, by, left: true })
  }
  const hungUp = (): void => {
    if (!survivesItsShell()) leave('SIGHUP')
  }
  const unwatch = whenParentsEnd(() => leave('the end of the process that started burst'))
  for (const signal of asked) process.on(signal, heard)
  process.on('SIGHUP', hungUp)
  return () => {
    unwatch()
    for (const signal of asked) process.off(signal, heard)
    process.off('SIGHUP', hungUp)
  }
}
