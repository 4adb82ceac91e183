import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Report } from '../../../../core/report/report.ts'
import { observingOf } from '../../../../cli/commands/metrics-flags.ts'
import { ObservedRuns } from '../../../../cli/ui/runs/observed-runs.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'
import { planOf } from '../../../fixtures/run.ts'
import { MemoryStore } from '../../../stores/memory-store.ts'
import { ended, listening } from '../../../targets/server.ts'

/** The names of the runs in the accepted messages. */
let accepted: string[]
let status: number
const receiver = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (part: string) => (text += part))
  request.on('end', () => {
    if (status === 200) accepted.push(/"key":"run","value":\{"stringValue":"([^"]+)"/.exec(text)?.[1] ?? '')
    response.writeHead(status).end('{}')
  })
})
let said: string[]
let runs: ObservedRuns

beforeEach(async () => {
  accepted = []
  status = 200
  said = []
  runs = new ObservedRuns(await observingOf({ otlp: await listening(receiver) }), (line) => said.push(line))
})
afterEach(async () => ended(receiver))

const runOf = (run: string, backend: 'local' | 'aws') => ({
  plan: planOf({ run, backend }),
  store: new MemoryStore(),
  nowMs: () => Date.now(),
})

function reportOf(run: string): Report {
  const report = syntheticReport()
  return { ...report, run: { ...report.run, id: run } }
}

test('burst ui waits until it has sent the last metrics of a run on this machine, but does not wait for the end of a run on AWS', async () => {
  runs.add(runOf('here', 'local'), async () => reportOf('here'))
  runs.add(runOf('there', 'aws'), async () => new Promise(() => undefined))
  await runs.close()
  expect(accepted).toEqual(['here'])
  expect(said).toEqual([])
})

test('the last metrics of a run on AWS are sent when its report exists', async () => {
  const report = Promise.withResolvers<Report>()
  runs.add(runOf('there', 'aws'), async () => report.promise)
  report.resolve(reportOf('there'))
  await expect.poll(() => accepted).toEqual(['there'])
})

test('if burst ui prints a line about a receiver of metrics, the line names the run', async () => {
  status = 404
  runs.add(runOf('here', 'local'), async () => reportOf('here'))
  await runs.close()
  expect(said[0]).toBe('run here: metrics: the OTLP receiver did not accept a message: status 404: {}')
})

test('burst ui prints a line if the report of a run on AWS cannot be read; for a run on this machine, only the page shows this failure', async () => {
  runs.add(runOf('here', 'local'), async () => Promise.reject(new Error('it was ended')))
  runs.add(runOf('there', 'aws'), async () => Promise.reject(new Error('the network is down')))
  await expect.poll(() => said).toEqual(['run there: metrics: the last counts were not sent: the network is down'])
  await runs.close()
  expect(accepted).toEqual([])
})

test('without a receiver of metrics, burst ui does not wait for the report of a run', async () => {
  const none = new ObservedRuns(await observingOf({}), (line) => said.push(line))
  none.add(runOf('there', 'aws'), async () => Promise.reject(new Error('it was read')))
  await none.close()
  expect(said).toEqual([])
})
