import { decodeMessage } from '../../../../core/window/codec/codec.ts'
import type { WorkerCell } from '../../../../core/window/window.ts'
import { slicesOf } from '../../../../core/plan/plan.ts'
import { runSlice } from '../slice-run.ts'

/**
 * Prints the lowest resident memory, in MiB, of a worker with idle users. The worker has sent 900 requests, and each user keeps one connection. The
 * test compares many users with a baseline of few users. Both runs execute the same code equally often and leave the same amount of garbage.
 */
const [host, users] = [process.argv[2] as string, Number(process.argv[3])]
const each = 900 / users
const samplesWanted = 4
const idle: WorkerCell[] = []
const enough = Promise.withResolvers<void>()
const { window } = await runSlice({
  host,
  plan: (plan) => ({ ...plan, slices: slicesOf(users, 1), windowMs: 1_000, flushMs: 1_000 }),
  scenario: `import { HttpUser, scenario, task } from 'burst'
// Must run with --expose-gc, so that garbage is collected before the memory of idle users is measured.
setInterval(() => globalThis.gc(), 450)
class U extends HttpUser {
  done = 0
  wait = () => (++this.done < ${each} ? ${3 / each} : 3600)
  @task async go() { await this.http.get('/x').expect(200) }
}
export default scenario({ host: '${host}', users: [U] })`,
  options: { users, spawnRate: Math.min(300, users), runTimeMs: 600_000, stopTimeoutMs: 500 },
  where: ({ queue }) => ({
    queue: {
      send: async (messages) => {
        await queue.send(messages)
        // Once all requests have been counted, the users are idle.
        const late = messages.map(({ body }) => decodeMessage(body)).filter(({ totals }) => totals.exchanges === 900)
        const cells = late.flatMap(({ content }) => [...content.workers.values()])
        idle.push(...cells.filter((worker) => worker.sockets >= users && worker.requests === 0))
        if (idle.length >= samplesWanted) enough.resolve()
      },
    },
  }),
  during: async ({ stop }) => {
    await enough.promise
    await stop()
  },
})
process.stdout.write(
  JSON.stringify({
    rssMb: Math.min(...idle.map((worker) => worker.rssMb)),
    requests: window.requests.get('GET /x')?.requests,
  }),
)
