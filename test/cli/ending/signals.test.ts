import { expect, test } from 'vitest'
import { type StopRequest, onStopSignals } from '../../../cli/ending/signals.ts'

test.each([
  ['SIGHUP', ['SIGINT', 'SIGTERM'], { times: 1, by: 'SIGHUP', left: true }],
  ['SIGINT', ['SIGTERM', 'SIGHUP'], { times: 1, by: 'Ctrl-C', left: false }],
] as const)('%s and the signals immediately after it are treated as one stop request', (first, others, request) => {
  const requests: StopRequest[] = []
  const off = onStopSignals((one) => requests.push(one))
  try {
    for (const signal of [first, ...others]) process.emit(signal, signal)
    expect(requests).toEqual([request])
  } finally {
    off()
  }
})
