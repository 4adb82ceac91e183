import { runSlice } from '../slice-run.ts'

/**
 * Runs one user that keeps a connection to each of 60 addresses of this machine, and prints the counts. A test runs this program in a process with a
 * low limit on open files.
 */
const port = process.argv[2] as string
const host = `http://127.0.0.1:${port}`
const { window, last } = await runSlice({
  host,
  scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    for (let turn = 0; turn < 2; turn++)
      for (let k = 1; k <= 60; k++) await this.http.get('http://127.0.0.' + k + ':${port}/x', { name: '/x' })
  }
}
export default scenario({ host: '${host}', users: [U] })`,
  options: { users: 1, iterations: 1, runTimeMs: 20_000 },
})
process.stdout.write(
  JSON.stringify({
    failures: [...window.errors.values()].map(({ kind, message }) => `${kind}: ${message}`),
    requests: last.totals.requests,
    notices: [...window.notices.keys()],
  }),
)
