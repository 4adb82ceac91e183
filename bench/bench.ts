import { execFile } from 'node:child_process'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { arrivals } from './arrivals/arrivals.ts'
import { engine } from './engine/engine.ts'
import type { Figure } from './measuring/figure.ts'
import { loadNow, machine } from './measuring/machine.ts'
import type { Suite } from './measuring/suite.ts'
import { memory } from './memory/memory.ts'
import { startup } from './startup/startup.ts'
import { truth } from './truth/truth.ts'
import { tableOf } from './measuring/table.ts'

/** `npm run bench -- [suite …] [--rounds 5] [--seconds 4] [--out file.json] [--record]` */
const suites: Record<string, Suite> = { engine, arrivals, startup, memory, truth }

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    out: { type: 'string', default: join(import.meta.dirname, '../burst-results/bench.json') },
    /** `true` to add the ratios to history.jsonl. */
    record: { type: 'boolean', default: false },
  },
})

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Returns the suites that the command line names. Default: all suites. */
function asked(): [string, Suite][] {
  const unknown = positionals.filter((name) => !(name in suites))
  if (unknown.length === 0) return Object.entries(suites).filter(([name]) => isAsked(name))
  say(`there is no suite ${unknown.join(', ')}; the suites are ${Object.keys(suites).join(', ')}`)
  return process.exit(1)
}

function isAsked(name: string): boolean {
  return positionals.length === 0 || positionals.includes(name)
}

async function commit(): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname })
  return stdout.trim()
}

/**
 * Returns a line of `history.jsonl`. The line contains only the ratios of the measurements, because measured values from different machines cannot be
 * compared.
 */
function historyLine(result: { at: string; commit: string; node: string; load: object; figures: Figure[] }): string {
  const { at, commit, node, load, figures } = result
  const ratios = figures.flatMap(({ key, ratio }) => (ratio ? [[key, Number(ratio.median.toFixed(3))] as const] : []))
  return `${JSON.stringify({ at, commit, node, load, ratios: Object.fromEntries(ratios) })}\n`
}

const about = await machine()
const options = { rounds: Number(values.rounds), seconds: Number(values.seconds), say }
const started = { at: new Date().toISOString(), load: loadNow() }
if (!about.pinned)
  say('target and generator are not pinned: taskset is not installed, or the machine has only one core')
const figures: Figure[] = []
for (const [, suite] of asked()) figures.push(...(await suite(options)))
const load = { start: started.load, end: loadNow() }
const result = { at: started.at, commit: await commit(), ...about, load, rounds: options.rounds, figures }
process.stdout.write(`${tableOf(figures)}\n\n`)
process.stdout.write(
  `medians of ${options.rounds} interleaved rounds; ${about.cpu}, ${about.cores} cores, Node ${about.node}; load average ${load.start} before and ${load.end} after the rounds\n`,
)
await mkdir(dirname(values.out), { recursive: true })
await writeFile(values.out, `${JSON.stringify(result, null, 2)}\n`)
say(`written to ${values.out}`)
if (values.record) await appendFile(join(import.meta.dirname, 'history.jsonl'), historyLine(result))
