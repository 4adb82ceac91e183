const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Calls `stop` with the count of requests to stop so far (1 at the first Ctrl-C or SIGTERM) and what it was called by.
 * @returns a function that gives the signals their usual meaning back
 */
export function onStopSignals(stop: (times: number, by: string) => void): () => void {
  let times = 0
  const heard = (signal: NodeJS.Signals): void => stop(++times, signal === 'SIGINT' ? 'Ctrl-C' : signal)
  for (const signal of signals) process.on(signal, heard)
  return () => {
    for (const signal of signals) process.off(signal, heard)
  }
}
