import { isUnderNohup, whenParentsEnd } from './parents.ts'

const asked = ['SIGINT', 'SIGTERM'] as const
/**
 * The time in milliseconds within which several signals count as one request. A request may cause two signals: npx forwards a Ctrl-C that burst also
 * receives from the terminal, and a closing terminal may send both SIGHUP and SIGTERM.
 */
const sameMs = 300

/** A request to end a run. */
export interface StopRequest {
  /** The number of the request: 1 for the first request, 2 for the second, and so on. */
  times: number
  /** The signal or the event that requested the stop. The report shows it. */
  by: string
  /** `true` if the terminal was closed or the process that started burst has ended. In this case, a second request may never come. */
  left: boolean
}

/**
 * Calls `stop` at each Ctrl-C and SIGTERM. Also calls `stop` once when the terminal is closed (SIGHUP; not under nohup), and once when the process
 * that started burst has ended. The closed terminal and the ended process are ignored if the run is already stopping.
 * @returns a function that restores the default handling of the signals
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
    if (!isUnderNohup()) leave('SIGHUP')
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
