import { runSlice } from '../slice-run.ts'

/** Runs a slice of 150 users and prints its counts. A test runs this program in a process with a low limit on open files. */
const host = process.argv[2] as string
const { window, last } = await runSlice({
  host,
  scenario: `import { HttpUser, constant, scenario, task } from 'burst'
class U extends HttpUser { wait = constant('1s'); @task async go() { await this.http.get('/x') } }
export default scenario({ host: '${host}', users: [U] })`,
  options: { users: 150, iterations: 2, runTimeMs: 20_000 },
})
process.stdout.write(
  JSON.stringify({
    failures: [...window.errors.values()].map(({ kind, message }) => `${kind}: ${message}`),
    generatorErrors: [...window.workers.values()].reduce((sum, one) => sum + one.generatorErrors, 0),
    latencies: last.totals.latencies,
    requests: last.totals.requests,
    final: last.final,
  }),
)
