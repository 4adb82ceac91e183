import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { machine } from '../measuring/machine.ts'
import { type Case, matrix } from './cases.ts'
import { type Outcome, runCase } from './run-case.ts'

/**
 * `npm run bench:verdict -- [--most 12] [--seconds 6] [--every 5] [--out file.jsonl]`: makes those runs of the matrix that the file does not contain
 * yet, and prints how often burst's verdict on the generator was correct.
 */
const { values } = parseArgs({
  options: {
    /** The maximum number of runs that this command makes. */
    most: { type: 'string' },
    /** Selects only every n-th run of the matrix. */
    every: { type: 'string', default: '1' },
    /** The maximum length of a run, in seconds. Longer runs are shortened. */
    seconds: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, '../../burst-results/verdict.jsonl') },
  },
})

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function known(): Promise<Outcome[]> {
  const text = await readFile(values.out, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outcome)
}

/** Returns the runs that have no result yet, in the order of the matrix. */
function missing(done: readonly Outcome[]): Case[] {
  const ids = new Set(done.map(({ id }) => id))
  const most = values.most === undefined ? Infinity : Number(values.most)
  const longest = values.seconds === undefined ? Infinity : Number(values.seconds)
  return matrix()
    .filter(({ id }) => id % Number(values.every) === 0 && !ids.has(id))
    .slice(0, most)
    .map((one) => ({ ...one, seconds: Math.min(one.seconds, longest) }))
}

function inWords({ id, users, codeMs, targetMs, wait, workers, seconds }: Case): string {
  const pause = wait.kind === 'none' ? 'no wait' : `${wait.kind} ${wait.ms} ms`
  return `${id}: ${users} users, ${pause}, ${codeMs} ms of code, target ${targetMs} ms, ${workers} worker(s), ${seconds} s`
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`
}

function outcomeInWords({ truth, said }: Outcome): string {
  const of = ({
    uncertainShare,
    lateShare,
    loadShare,
  }: Pick<Outcome['said'], 'uncertainShare' | 'lateShare' | 'loadShare'>) =>
    `uncertain ${percent(uncertainShare)}, late ${percent(lateShare)}, load ${percent(loadShare)}`
  return `  truth ${truth.verdict} (${of(truth)}); burst ${said.result} (${of(said)})`
}

/** Prints a table with a row for each true verdict and a column for each verdict of burst. */
function confusion(title: string, outcomes: readonly Outcome[]): void {
  const count = (truth: string, said: string): string =>
    String(outcomes.filter((one) => one.truth.verdict === truth && one.said.result === said).length).padStart(19)
  const wrong = outcomes.filter(({ truth, said }) => truth.verdict !== 'near' && truth.verdict !== said.result)
  const results = ['healthy', 'inaccurate', 'bound'] as const
  say(`\n${title.padEnd(24)}${results.map((result) => `burst: ${result}`.padStart(19)).join('')}`)
  for (const truth of [...results, 'near'])
    say(`${`  truth: ${truth}`.padEnd(24)}${results.map((result) => count(truth, result)).join('')}`)
  const clear = outcomes.filter(({ truth }) => truth.verdict !== 'near').length
  say(
    `  wrong: ${wrong.length} of ${clear}${wrong.length > 0 ? ` (runs ${wrong.map(({ id }) => id).join(', ')})` : ''}`,
  )
}

const about = await machine()
const outcomes = await known()
await mkdir(dirname(values.out), { recursive: true })
for (const one of missing(outcomes)) {
  say(inWords(one))
  const outcome = await runCase(one)
  await appendFile(values.out, `${JSON.stringify(outcome)}\n`)
  outcomes.push(outcome)
  say(outcomeInWords(outcome))
}
confusion(
  'tuning (even runs)',
  outcomes.filter(({ id }) => id % 2 === 0),
)
confusion(
  'judgement (odd runs)',
  outcomes.filter(({ id }) => id % 2 === 1),
)
const loads = outcomes.map(({ load }) => load).toSorted((a, b) => a - b)
say(
  `\n${about.cpu}, ${about.cores} cores, Node ${about.node}; load average ${loads[0]} to ${loads.at(-1)} during the runs`,
)
