import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const program = process.env['BURST_PROMETHEUS'] ?? '/usr/bin/prometheus'

/** `true` if Prometheus is installed; `.ci/run` installs it. */
export const hasPrometheus = existsSync(program)

/**
 * The path of the Prometheus that receives OTLP. `.ci/otlp-receiver` builds it, because receiving OTLP needs version 3.0, and Debian has an older
 * version.
 */
const receiver =
  process.env['BURST_OTLP_RECEIVER'] ??
  join(process.env['BURST_E2E_HOME'] ?? join(homedir(), '.cache', 'burst-e2e'), 'otlp-receiver', 'prometheus')
export const hasOtlpReceiver = existsSync(receiver)

export interface StoredSeries {
  labels: Record<string, string>
  value: number
}

/** A Prometheus server on this machine. */
export interface PrometheusServer {
  origin: string
  /** Scrapes these targets every second from now on. */
  scrape(jobs: readonly ScrapeJob[]): Promise<void>
  /** Returns the newest stored value of every series that matches. Series of targets that have ended are included. */
  newest(selector: string): Promise<StoredSeries[]>
  /** Returns the result of a query at the time `atMs`, in epoch milliseconds. Default: now. */
  ask(query: string, atMs?: number): Promise<StoredSeries[]>
  close(): Promise<void>
}

/** A target that Prometheus scrapes, as host and port. */
interface ScrapeJob {
  name: string
  target: string
  token?: string
}

/** Starts a real Prometheus that receives OTLP at `/api/v1/otlp/v1/metrics`. */
export async function startOtlpReceiver(): Promise<PrometheusServer> {
  return start(receiver, ['--web.enable-otlp-receiver'])
}

/** Starts a real Prometheus that receives remote write at `/api/v1/write`. */
export async function startPrometheus(): Promise<PrometheusServer> {
  return start(program, ['--web.enable-remote-write-receiver'])
}

async function start(file: string, flags: readonly string[]): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'burst-prometheus-'))
  await configure(folder, [])
  const args = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    '--web.listen-address=127.0.0.1:0',
    ...flags,
  ]
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const origin = `http://127.0.0.1:${await portOf(child)}`
  return {
    origin,
    scrape: async (jobs) => {
      await configure(folder, jobs)
      child.kill('SIGHUP')
    },
    newest: async (selector) => ask(origin, `last_over_time(${selector}[1h])`),
    ask: async (query, atMs) => ask(origin, query, atMs),
    close: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      await rm(folder, { recursive: true })
    },
  }
}

async function configure(folder: string, jobs: readonly ScrapeJob[]): Promise<void> {
  const scrapes = jobs.map(({ name, target, token }) => ({
    job_name: name,
    scrape_interval: '1s',
    static_configs: [{ targets: [target] }],
    ...(token !== undefined && { authorization: { credentials: token } }),
  }))
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify({ scrape_configs: scrapes }))
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.once('exit', () => reject(new Error(`prometheus ended: ${said}`)))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const port = /msg="Listening on" (?:component=web )?address=127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })
}

async function ask(origin: string, query: string, atMs?: number): Promise<StoredSeries[]> {
  const answer = await fetch(
    `${origin}/api/v1/query?query=${encodeURIComponent(query)}${atMs === undefined ? '' : `&time=${atMs / 1000}`}`,
  )
  if (!answer.ok) throw new Error(await answer.text())
  const { data } = (await answer.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] }
  }
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
}
