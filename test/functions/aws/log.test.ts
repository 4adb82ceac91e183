import { expect, test } from 'vitest'
import { logLine } from '../../../functions/aws/log.ts'

test('a log line is JSON and contains the names of its stage and its run', () => {
  const about = { stage: 'worker', run: 'r1', slice: 3, attempt: 0 }
  const line = JSON.parse(logLine(about, 'a message could not be queued', { error: 'busy\n' }, 0)) as unknown
  expect(line).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    event: 'a message could not be queued',
    ...about,
    error: 'busy\n',
  })
})

test('each measurement of a run becomes a CloudWatch metric if the measurement has a value', () => {
  const fields = { users: 50, requests: 900, failures: 1, p99: null, workersLost: 0, exitCode: 0 }
  const line = JSON.parse(logLine({ stage: 'finalise', run: 'r1' }, 'report written', fields, 5)) as {
    _aws: { Timestamp: number; CloudWatchMetrics: { Namespace: string; Metrics: { Name: string; Unit: string }[] }[] }
  }
  expect(line).toMatchObject({ run: 'r1', ...fields })
  expect(line._aws.Timestamp).toBe(5)
  expect(line._aws.CloudWatchMetrics).toEqual([
    {
      Namespace: 'burst',
      Dimensions: [[]],
      Metrics: [
        { Name: 'users', Unit: 'Count' },
        { Name: 'requests', Unit: 'Count' },
        { Name: 'failures', Unit: 'Count' },
        { Name: 'workersLost', Unit: 'Count' },
      ],
    },
  ])
})
