import { assert, property, record, string } from 'fast-check'
import { expect, test } from 'vitest'
import { type RunFlags, budget, runOptions, summaryFormat } from '../../../cli/flags/run-options.ts'
import { BurstError } from '../../../core/errors.ts'

test('without flags, all options are undefined', () => {
  expect(runOptions({})).toEqual({ tags: [], excludeTags: [], vars: {}, failOnError: false })
})

test('--budget is in dollars, with or without the dollar sign', () => {
  expect(['5', '$5', '0.50', undefined].map(budget)).toEqual([5, 5, 0.5, undefined])
  for (const text of ['', '0', '-1', '5€', 'much', '$'])
    expect(() => budget(text)).toThrow(expect.objectContaining({ exitCode: 104 }))
})

test('--summary accepts text and markdown, and refuses markdown together with a flag that also writes to stdout', () => {
  expect(
    ['text', 'markdown', 'md', undefined].map((summary) => summaryFormat(summary === undefined ? {} : { summary })),
  ).toEqual([undefined, 'markdown', 'markdown', undefined])
  const refused = [
    { summary: 'html' },
    { summary: '' },
    { summary: 'md', json: true },
    { summary: 'markdown', detach: true },
  ]
  for (const flags of refused) expect(() => summaryFormat(flags)).toThrow(expect.objectContaining({ exitCode: 104 }))
  expect(summaryFormat({ summary: 'text', json: true, detach: true })).toBe(undefined)
})

test('flags may be written in the spelling of Locust and k6', () => {
  const flags: RunFlags = {
    users: '50_000',
    spawnRate: '0.5',
    runTime: '1h30m',
    host: 'https://shop.example.com/base',
    workers: '4',
    usersPerWorker: '500',
    seed: 'monday',
    iterations: '3',
    tags: ['a,b', 'c d', 'a'],
    excludeTags: ['slow'],
    name: 'peak',
    var: ['region=eu', 'query=a=b', 'empty='],
    stopTimeout: '30',
    failOnError: true,
  }
  expect(runOptions(flags)).toEqual({
    users: 50_000,
    spawnRate: 0.5,
    runTimeMs: 5_400_000,
    host: 'https://shop.example.com/base',
    workers: 4,
    usersPerWorker: 500,
    seed: 'monday',
    iterations: 3,
    tags: ['a', 'b', 'c', 'd'],
    excludeTags: ['slow'],
    name: 'peak',
    vars: { region: 'eu', query: 'a=b', empty: '' },
    stopTimeoutMs: 30_000,
    failOnError: true,
  })
  expect(runOptions({ runTime: '300' }).runTimeMs).toBe(300_000)
  expect(runOptions({ rate: '200' }).rate).toBe(200)
})

test.each<[RunFlags, object]>([
  [{ users: '10,000' }, { users: 10_000 }],
  [{ users: '10k' }, { users: 10_000 }],
  [{ users: ' 3 ' }, { users: 3 }],
  [{ users: '1.5K' }, { users: 1500 }],
  [{ users: '1e3' }, { users: 1000 }],
  [{ spawnRate: '20/s' }, { spawnRate: 20 }],
  [{ spawnRate: '0.5' }, { spawnRate: 0.5 }],
  [{ rate: '1,000' }, { rate: 1000 }],
  [{ runTime: '5min' }, { runTimeMs: 300_000 }],
  [{ runTime: '1h 30m' }, { runTimeMs: 5_400_000 }],
  [{ runTime: '90 seconds' }, { runTimeMs: 90_000 }],
  [{ runTime: '2 hours' }, { runTimeMs: 7_200_000 }],
  [{ runTime: '10S' }, { runTimeMs: 10_000 }],
  [{ runTime: '500ms' }, { runTimeMs: 500 }],
  [{ runTime: '500 ms' }, { runTimeMs: 500 }],
  [{ runTime: '5 m' }, { runTimeMs: 300_000 }],
  [{ runTime: '1.5h' }, { runTimeMs: 5_400_000 }],
  [{ runTime: '90' }, { runTimeMs: 90_000 }],
  [{ runTime: '1hr 5mins 3secs 2 milliseconds' }, { runTimeMs: 3_903_002 }],
])('the flags %j are read as %j', (flags, options) => {
  expect(runOptions(flags)).toMatchObject(options)
})

test.each<[RunFlags, string, string | undefined]>([
  [{ users: '0' }, '--users is 0', 'give a whole number from 1 to 10,000,000'],
  [{ users: '+3' }, '--users is +3', 'give a whole number from 1 to 10,000,000'],
  [{ users: '-1' }, '--users is -1', 'give a whole number from 1 to 10,000,000'],
  [{ users: '1e9' }, '--users is 1e9', 'give a whole number from 1 to 10,000,000'],
  [{ users: '1.5' }, '--users is 1.5', 'give a whole number from 1 to 10,000,000'],
  [{ users: '' }, '--users is ""', 'give a whole number from 1 to 10,000,000'],
  [{ users: '1,0000' }, '--users is "1,0000"', 'give a whole number from 1 to 10,000,000'],
  [{ users: '1.000,5' }, '--users is "1.000,5"', 'give a whole number from 1 to 10,000,000'],
  [{ users: '1.000' }, '--users is 1.000', 'give a whole number from 1 to 10,000,000'],
  [{ users: '_1' }, '--users is _1', 'give a whole number from 1 to 10,000,000'],
  [{ users: 'many' }, '--users is many', 'give a whole number from 1 to 10,000,000'],
  [{ spawnRate: '0' }, '--spawn-rate is 0', 'give a number per second, above 0 and up to 1,000,000'],
  [{ rate: 'NaN' }, '--rate is NaN', 'give a number per second, above 0 and up to 1,000,000'],
  [{ rate: 'Infinity' }, '--rate is Infinity', 'give a number per second, above 0 and up to 1,000,000'],
  [
    { runTime: '5 weeks' },
    '--run-time is "5 weeks", which is not a duration',
    "write it like '300ms', '10s', '5m' or '1h30m'; a number is seconds",
  ],
  ...[
    ['NaN', '"NaN", which is not a duration'],
    ['1 Week', '"1 Week", which is not a duration'],
    ['1H 30Q', '"1H 30Q", which is not a duration'],
    ['5hin', '"5hin", which is not a duration'],
    ['5mours', '"5mours", which is not a duration'],
    ['5s5s', '"5s5s", which is not a duration'],
    ['5s 5s', '"5s 5s", which is not a duration'],
    ['30m1h', '"30m1h", which is not a duration'],
    ['', '"", which is not a duration'],
    ['10000 Hours', '"10000 Hours", which is longer than a year'],
  ].map(([runTime = '', words = '']): [object, string, string] => [
    { runTime },
    `--run-time is ${words}`,
    words.endsWith('year')
      ? "give at most '8760h'"
      : "write it like '300ms', '10s', '5m' or '1h30m'; a number is seconds",
  ]),
  [
    { weight: ['A=0x10'] },
    '--weight is "A=0x10"',
    'write it like --weight Shopper=3; the number must be 0 or more, and 0 leaves the class out',
  ],
  [
    { runTime: '-5s' },
    '--run-time is "-5s", which is not a duration',
    "write it like '300ms', '10s', '5m' or '1h30m'; a number is seconds",
  ],
  [{ runTime: '0' }, '--run-time is 0', 'give more than 0 and at most 168h'],
  [{ runTime: '999h' }, '--run-time is 999h', 'give more than 0 and at most 168h'],
  [{ stopTimeout: '1h' }, '--stop-timeout is 1h', 'give at most 10m'],
  [
    { host: 'shop.example.com' },
    "host 'shop.example.com' has no scheme",
    'write https://shop.example.com, in the scenario or with -H',
  ],
  [
    { host: 'localhost:8080' },
    "host 'localhost:8080' has no scheme",
    'write http://localhost:8080, in the scenario or with -H',
  ],
  ...['http://shop:99999', 'http://a b', 'http://[bad', 'http://x\u001B[31m/'].map((host): [object, string, string] => [
    { host },
    `host '${host}' is not a URL`,
    'write https://shop.example.com, in the scenario or with -H',
  ]),
  [{ proxy: '' }, '--proxy is empty', "use the proxy's URL, or 'none'"],
  [{ workers: '8', users: '4' }, '--workers is 8, but there are only 4 users', 'every worker needs at least one user'],
  [
    { workers: '1000', users: '999' },
    '--workers is 1,000, but there are only 999 users',
    'every worker needs at least one user',
  ],
  [{ workers: '1001' }, '--workers is 1001', 'give a whole number from 1 to 1,000'],
  [{ iterations: '0' }, '--iterations is 0', 'give a whole number from 1 to 1,000,000,000'],
  [{ seed: '' }, '--seed is empty', undefined],
  [{ name: 'x'.repeat(101) }, '--name has 101 characters', 'give at most 100'],
  [{ var: ['region'] }, '--var is region', 'write it like --var region=eu'],
  [{ var: ['=eu'] }, '--var is "=eu"', 'write it like --var region=eu'],
])('the flags %j are refused with a one-sentence error message', (flags, message, hint) => {
  const error = thrownBy(() => runOptions(flags))
  expect({ message: error.message, hint: error.hint, exitCode: error.exitCode }).toEqual({
    message,
    hint,
    exitCode: 104,
  })
})

test('any value of a flag results in either an option within its limits or a BurstError', () => {
  assert(
    property(record({ users: string(), rate: string(), runTime: string(), host: string() }), (flags) => {
      expect(outcome(flags)).toMatch(/^(within limits|BurstError)$/)
    }),
  )
})

function outcome(flags: RunFlags): string {
  try {
    const { users = 1, rate = 1 } = runOptions(flags)
    return users >= 1 && users <= 10_000_000 && rate > 0 ? 'within limits' : `users ${users}, rate ${rate}`
  } catch (error) {
    return error instanceof BurstError ? 'BurstError' : String(error)
  }
}

test('a variable may be called __proto__', () => {
  const { vars } = runOptions({ var: ['__proto__=x'] })
  expect(Object.entries(vars)).toEqual([['__proto__', 'x']])
  expect(Object.getPrototypeOf(vars)).toBe(Object.prototype)
})

function thrownBy(act: () => unknown): BurstError {
  try {
    act()
  } catch (error) {
    if (error instanceof BurstError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
