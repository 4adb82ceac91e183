import { runSlice } from '../../test/functions/worker/slice-run.ts'
import { mergeWindow } from '../../core/window/merge-windows.ts'
import { type Window, emptyWindow } from '../../core/window/window.ts'
import type { Offered, OfferOptions } from './offered.ts'

/**
 * Runs burst's real worker with a load of arrivals, and prints the results. `wanted`, `started`, `dropped` and `lateP99Ms` exclude the first window
 * (5 s), because the worker opens connections and compiles code in this window.
 */
const { origin, perSecond, seconds } = JSON.parse(process.argv[2] as string) as OfferOptions
const warmWindows = 1
const { messages, plan } = await runSlice({
  scenario: `import { HttpUser, arrivals, scenario, task } from 'burst'
class Shopper extends HttpUser {
  @task async visit() { await this.http.get('/').expect(200) }
}
export default scenario({
  host: '${origin}',
  users: [Shopper],
  load: [arrivals(${perSecond}, ${seconds + 5}, { maxUsers: 500 })],
})`,
  host: origin,
  // The time between two reads of the control file. This time is the same as in a local run.
  plan: (made) => ({ ...made, timing: { ...made.timing, controlPollMs: 500 } }),
})
const measured: Window = emptyWindow()
let total = 0
for (const { window, content } of messages) {
  total += content.arrivals.started + content.arrivals.droppedPool + content.arrivals.droppedGenerator
  if (window >= warmWindows) mergeWindow(measured, content)
}
const { started, droppedPool, droppedGenerator } = measured.arrivals
const [worker] = measured.workers.values()
const result: Offered = {
  offered: perSecond * (seconds + 5),
  counted: total,
  wanted: perSecond * (seconds + 5 - (warmWindows * plan.windowMs) / 1_000),
  started,
  dropped: droppedPool + droppedGenerator,
  lateP99Ms: worker?.lag.percentileMs(99) ?? null,
}
process.stdout.write(JSON.stringify(result))
