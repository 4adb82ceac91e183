import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { bundleScenario } from '../../cli/bundle/bundle.ts'
import { type ShopCounts, startShop } from '../../cli/demo/shop.ts'
import { startLocalRun } from '../../cli/embedded/local-run.ts'
import { exitCodes } from '../../core/errors.ts'
import type { RunOptions } from '../../core/plan/options.ts'
import { planRun } from '../../core/plan/plan-run.ts'
import type { Report } from '../../core/report/report.ts'
import { oneProxy } from '../../core/hosts/network.ts'
import { startHttp2Front } from '../targets/http2-target.ts'
import { startProxy } from '../targets/proxy.ts'
import { startTlsFront } from '../targets/tls-target.ts'
import { startWebSocketTarget } from '../targets/web-socket-target.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'burst-examples-'))

afterAll(() => rmSync(folder, { recursive: true }))

interface Example {
  options: Partial<RunOptions>
  /** `true` if the shop is behind TLS and requires client certificates. */
  secured?: true
  /** `true` if the shop is behind a server that speaks HTTP/2. */
  http2?: true
  /** `true` if the shop is reached through a proxy. */
  proxied?: true
  holds: (report: Report, shop: ShopCounts, clients: readonly string[]) => void
}

/** The examples that use a target other than the shop, each with its target. */
const others: Record<string, { options: Partial<RunOptions>; start: typeof startWebSocketTarget }> = {
  // At 5 s, the next worker takes over. The users of this example cannot be handed over, because they have open connections. The next worker
  // therefore starts the users anew.
  'chat.burst.ts': { options: { users: 4, runTimeMs: 8_000, intervalMs: 5_000 }, start: startWebSocketTarget },
}

const examples: Record<string, Example> = {
  'quickstart.burst.ts': {
    options: { users: 6, runTimeMs: 6_000 },
    holds: (report) => {
      expect(namesOf(report)).toEqual(['GET /', 'GET /product/:id', 'GET /search'])
    },
  },
  'shop.burst.ts': {
    options: { users: 20, runTimeMs: 8_000 },
    holds: (report, { byRoute }) => {
      expect(byRoute['POST /login']).toBe(report.users.byClass['Shopper'])
      expect(report.users.byClass).toEqual({ Shopper: 18, Admin: 2 })
      expect(namesOf(report)).toEqual(
        expect.arrayContaining(['POST /cart', 'GET /admin/report', 'GET /category/:name']),
      )
      expect(report.checks).toEqual([{ name: 'categories are HTML', passed: expect.any(Number), failed: 0 }])
    },
  },
  'spike.burst.ts': {
    options: { users: 40, runTimeMs: 10_000 },
    holds: (report) => {
      expect(report.seconds[6]?.users).toBe(4)
      expect(report.seconds[9]?.users).toBe(40)
    },
  },
  'open-arrivals.burst.ts': {
    options: { rate: 40, runTimeMs: 6_000 },
    holds: ({ arrivals }) => {
      expect(arrivals?.started).toBeGreaterThan(0)
      expect(arrivals?.offered).toBe((arrivals?.started ?? 0) + sum(Object.values(arrivals?.dropped ?? {})))
    },
  },
  'highest-load.burst.ts': {
    // These options set a load, so the scenario does not search for the highest load.
    options: { users: 6, runTimeMs: 10_000 },
    holds: (report) => {
      expect(namesOf(report)).toEqual(['GET /', 'GET /product/:id'])
      expect(report.search).toBeUndefined()
    },
  },
  'uploads.burst.ts': {
    options: { users: 4, iterations: 2 },
    holds: (report, { byStatus }) => {
      expect(namesOf(report)).toEqual(['POST /photos'])
      expect(byStatus).toEqual({ 201: 8 })
    },
  },
  'client-certificates.burst.ts': {
    // At 5 s, the next worker takes over the users and their certificates.
    options: { users: 2, runTimeMs: 8_000, intervalMs: 5_000 },
    secured: true,
    holds: (report, _, clients) => {
      expect(namesOf(report)).toEqual(['GET /product/:id'])
      expect(report.users).toMatchObject({ carried: 2, begunAnew: 0, started: 2 })
      expect(report.tls).toEqual({ versions: [{ version: 'TLSv1.3', connections: 4 }], unverified: 0 })
      expect(clients.toSorted()).toEqual(['client 0', 'client 0', 'client 1', 'client 1'])
    },
  },
  'http2.burst.ts': {
    options: { users: 2, iterations: 3 },
    http2: true,
    holds: (report, shop) => {
      expect(namesOf(report)).toEqual(['GET /product/:id', 'GET /search'])
      expect(shop.received).toBe(30)
      expect(report.protocols).toEqual([{ target: report.run.host, protocol: 'HTTP/2', connections: 2, streams: 30 }])
    },
  },
  'sign-in-form.burst.ts': {
    options: { users: 4, iterations: 2 },
    holds: (report, { byRoute }) => {
      expect(namesOf(report)).toEqual(['GET /account', 'GET /sign-in', 'POST /sign-in', 'GET resources'].toSorted())
      expect(byRoute).toEqual({ 'GET /sign-in': 4, 'POST /sign-in': 4, 'GET /account': 12, 'GET /account.css': 8 })
    },
  },
  'live-prices.burst.ts': {
    options: { users: 4, iterations: 2 },
    holds: (report) => {
      const metrics = report.metrics.map(({ name, count }) => `${name} ${count}`)
      expect(metrics.toSorted()).toEqual(['/prices: between events 32', '/prices: first event 8'])
    },
  },
  'graphql.burst.ts': {
    options: { users: 4, iterations: 2 },
    holds: (report) => {
      expect(namesOf(report)).toEqual(['POST /graphql Product'])
    },
  },
  'behind-a-proxy.burst.ts': {
    options: { users: 2, iterations: 3 },
    proxied: true,
    holds: (report, shop) => {
      expect(namesOf(report)).toEqual(['GET /product/:id'])
      expect(shop.received).toBe(6)
      expect(report.run.plan.words).toContainEqual(expect.stringMatching(/^through the proxy 127\.0\.0\.1:\d+$/))
    },
  },
  'csv-accounts.burst.ts': {
    options: { users: 10, runTimeMs: 6_000 },
    holds: (report, { byRoute }) => {
      expect(byRoute['POST /login']).toBe(10)
      expect(report.users).toMatchObject({ started: 10, exhausted: 0, failedToStart: 0 })
    },
  },
}

test('every example has a test in this file', () => {
  expect([...Object.keys(examples), ...Object.keys(others)].toSorted()).toEqual(
    globSync('*.burst.ts', { cwd: join(root, 'scenarios') }).toSorted(),
  )
})

// The examples run at the same time, because their users mostly wait.
test.concurrent.each(Object.entries(examples))(
  '%s runs against the shop and meets its thresholds',
  async (file, example) => {
    const { options, holds } = example
    const shop = await startShop({ seed: 'examples' })
    const way = await wayTo(shop.origin, example)
    try {
      const report = await run(file, { ...options, ...way.options })
      expectVerdict(report)
      expect(report.exceptions).toEqual([])
      expect(report.completeness.lost).toEqual([])
      expect(report.totals.exchanges + report.totals.interrupted).toBe(shop.counts().received)
      holds(report, shop.counts(), way.clients)
      expect(way.proxied ?? report.totals.exchanges).toBe(report.totals.exchanges)
    } finally {
      await way.close()
      await shop.close()
    }
  },
)

interface Way {
  options: Pick<RunOptions, 'host' | 'proxy'>
  /** The number of requests that the proxy has received; undefined without a proxy. */
  readonly proxied: number | undefined
  /** The names in the client certificates of all connections. */
  clients: readonly string[]
  close: () => Promise<void>
}

/**
 * Returns how the users reach the shop: directly, through a TLS server, through an HTTP/2 server, or through a proxy. Starts this server or proxy.
 */
async function wayTo(origin: string, { secured, http2, proxied }: Example): Promise<Way> {
  if (secured || http2) {
    const front = await (secured ? startTlsFront : startHttp2Front)(origin)
    return { options: { host: front.origin }, proxied: undefined, clients: front.clients, close: () => front.close() }
  }
  if (!proxied) return { options: { host: origin }, proxied: undefined, clients: [], close: () => Promise.resolve() }
  const proxy = await startProxy()
  return {
    options: { host: origin, proxy: oneProxy(proxy.origin, '--proxy') },
    get proxied() {
      return proxy.received.length
    },
    clients: [],
    close: () => proxy.close(),
  }
}

test.concurrent('the users of chat.burst.ts keep their connections across tasks, and start again from the beginning when the next worker takes over', async () => {
  const file = 'chat.burst.ts'
  const { options, start } = others[file] as (typeof others)[string]
  const target = await start()
  try {
    const report = await run(file, { ...options, host: target.origin })
    expectVerdict(report)
    expect(report.completeness).toMatchObject({ complete: true, lost: [] })
    expect(report.users).toMatchObject({ started: 8, carried: 0, begunAnew: 4 })
    expect(report.events.map(({ text }) => text).join('\n')).toContain('a user has an open WebSocket connection')
    expect(report.totals.exchanges).toBe(8)
    expect(target.counts().received).toBe(8)
    expect(namesOf(report)).toEqual(['WS /chat', 'WS hello'])
    expect(report.requests.find(({ name }) => name === 'hello')?.requests).toBe(target.counts().messages)
    expect(report.metrics.map(({ name, count }) => [name, count])).toContainEqual(['/chat closed 1000', 8])
  } finally {
    await target.close()
  }
})

/**
 * Expects that all thresholds were measured and hold. One exception: in an inconclusive run, a threshold on a time may fail, because times are long
 * on a busy machine.
 */
function expectVerdict({ verdict, thresholds }: Report): void {
  const isInconclusive = verdict.result === 'inconclusive'
  const missed = thresholds.filter(({ passed }) => !passed)
  expect(missed.filter(({ unit, value }) => !isInconclusive || unit !== 'ms' || value === null)).toEqual([])
  expect(verdict).toEqual({ ...verdict, exitCode: missed.length === 0 ? 0 : exitCodes.thresholdFailed })
}

async function run(file: string, options: Partial<RunOptions>): Promise<Report> {
  const bundle = await bundleScenario(join('scenarios', file), { cwd: root })
  const id = file.replace(/\W/g, '-')
  const plan = planRun({
    description: bundle.description,
    options: { tags: [], excludeTags: [], vars: {}, failOnError: false, ...options },
    facts: { ...facts, run: id, scenario: file, bundle: bundle.hash, createdAt: Date.now() },
  })
  const started = await startLocalRun({ plan, bundle, storeDir: join(folder, id) })
  return started.done
}

const facts = { build: 'test', seed: 'examples', cores: 2, backend: 'local', region: 'local' } as const

function namesOf(report: Report): string[] {
  return report.requests.map(({ method, name }) => `${method} ${name}`).toSorted()
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
