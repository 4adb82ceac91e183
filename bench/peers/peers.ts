import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Figure, figureOf } from '../measuring/figure.ts'
import { loadNow, machine } from '../measuring/machine.ts'
import { tableOf } from '../measuring/table.ts'
import { warmUpMs } from '../target/target.ts'
import { withTarget } from '../target/with-target.ts'
import { type ToolRun, runBurst, runTool } from './run-tool.ts'
import { type Tool, tools } from './tools.ts'

/** `npm run bench:peers -- [--rounds 3] [--seconds 6] [--out file.json]`: compares burst with other load generators that do the same work. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '6' },
    out: { type: 'string', default: join(import.meta.dirname, '../../burst-results/bench-peers.json') },
  },
})
const users = 100

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function isOnPath(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.map((folder) =>
    access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    ),
  )
  return (await Promise.all(found)).includes(true)
}

async function present(): Promise<Tool[]> {
  const found = await Promise.all(tools.map(({ program }) => isOnPath(program)))
  const missing = tools.filter((_, k) => found[k] === false).map(({ name }) => name)
  if (missing.length > 0) say(`not found on PATH: ${missing.join(', ')}`)
  return tools.filter((_, k) => found[k])
}

/** Measures a tool in every round. The tool runs directly after burst, so that the tool and burst find the machine in the same state. */
async function measure(tool: Tool): Promise<Figure[]> {
  const [theirs, own]: [ToolRun[], ToolRun[]] = [[], []]
  await withTarget(async (target) => {
    const work = { url: target.origin, users, seconds: Number(values.seconds) }
    for (let round = 1; round <= Number(values.rounds); round++) {
      say(`${tool.name}: round ${round} of ${values.rounds}`)
      own.push(await runBurst(work, target))
      theirs.push(await runTool(tool, work, target))
    }
  })
  const figure = (about: { name: string; title: string; unit: string }, of: keyof ToolRun): Figure =>
    figureOf(
      { key: `peers.${tool.program}.${about.name}`, title: `${tool.name}: ${about.title}`, unit: about.unit },
      theirs.map((run) => run[of]),
      { title: 'burst', values: own.map((run) => run[of]) },
    )
  return [
    figure({ name: 'requestsPerSecond', title: 'requests per core', unit: '/s' }, 'requestsPerSecond'),
    figure(
      { name: 'laterPerSecond', title: `requests per core, without the first ${warmUpMs / 1_000} s`, unit: '/s' },
      'laterPerSecond',
    ),
    figure(
      { name: 'cpuPerRequest', title: 'CPU per request, including the start of the program', unit: 'µs' },
      'cpuPerRequestUs',
    ),
  ]
}

const [about, start] = [await machine(), loadNow()]
const figures: Figure[] = []
for (const tool of await present()) figures.push(...(await measure(tool)))
const load = { start, end: loadNow() }
process.stdout.write(`${tableOf(figures)}\n\n`)
process.stdout.write(
  `${users} users, no waits, 11 bytes; medians of ${values.rounds} interleaved rounds; ${about.cpu}, ${about.cores} cores; load average ${load.start} before and ${load.end} after the rounds\n`,
)
await mkdir(dirname(values.out), { recursive: true })
await writeFile(values.out, `${JSON.stringify({ at: new Date().toISOString(), ...about, load, figures }, null, 2)}\n`)
