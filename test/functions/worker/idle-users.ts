import { slicesOf } from '../../../core/plan/plan.ts'
import { runSlice } from './slice-run.ts'

/**
 * Run as a program: prints the least resident memory, in MiB, of a worker that has sent 900 requests and whose users are now idle with a
 * connection each. With few users it is the base: the same code has run as often and left as much garbage.
 */
const [host, users] = [process.argv[2] as string, Number(process.argv[3])]
const each = 900 / users
const { messages, window } = await runSlice({
  host,
  plan: (plan) => ({ ...plan, slices: slicesOf(users, 1) }),
  scenario: `import { HttpUser, scenario, task } from 'burst'
// Run with --expose-gc: what counts is what idle users need, not what has not been swept up yet.
setInterval(() => globalThis.gc(), 1500)
class U extends HttpUser {
  done = 0
  wait = () => (++this.done < ${each} ? ${3 / each} : 60)
  @task async go() { await this.http.get('/x').expect(200) }
}
export default scenario({ host: '${host}', users: [U] })`,
  options: { users, spawnRate: Math.min(300, users), runTimeMs: 14_000, stopTimeoutMs: 500 },
})
const workers = messages.flatMap((one) => [...one.content.workers.values()])
const idle = workers.filter((worker) => worker.sockets >= users && worker.requests === 0)
process.stdout.write(
  JSON.stringify({
    rssMb: Math.min(...idle.map((worker) => worker.rssMb)),
    samples: idle.length,
    requests: window.requests.get('GET /x')?.requests,
  }),
)
