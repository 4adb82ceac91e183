import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../../core/report/report.ts'
import { localRun } from '../measuring/local-run.ts'
import { loadNow } from '../measuring/machine.ts'
import { PinnedChildren } from '../measuring/pinned-children.ts'
import type { Truth as Times } from '../../test/targets/measuring/exact-delay-target.ts'
import type { Reference } from '../../test/targets/measuring/reference-client.ts'
import type { Case } from './cases.ts'
import { type Truth, judgeTruth } from './judge-truth.ts'

/** burst's verdict on a run, and the true verdict. */
export interface Outcome extends Case {
  at: string
  load: number
  requests: number
  floorMs: number
  truth: Truth
  said: Pick<Report['generator'], 'result' | 'lateShare' | 'uncertainShare' | 'loadShare' | 'reasons'>
}

export async function runCase(one: Case): Promise<Outcome> {
  const children = new PinnedChildren()
  const folder = await mkdtemp(join(tmpdir(), 'burst-verdict-'))
  try {
    const delays = { fastMs: one.targetMs, slowMs: one.targetMs }
    const [target, other] = [
      await children.start('measuring/exact-delay-target.ts', delays),
      await children.start('measuring/exact-delay-target.ts', delays),
    ]
    const client = await children.start('measuring/reference-client.ts', { origin: other.origin, users: 10 })
    const file = join(folder, 'samples')
    const { report } = await localRun({
      scenario: scenarioOf(one, target.origin, file),
      flags: ['-u', String(one.users), '-r', String(one.users * 2), '-t', String(one.seconds)].concat([
        '--workers',
        String(one.workers),
      ]),
      pinned: one.workers === 1,
    })
    const floorMs = (await client.ask<Reference>('finish')).p50 - (await other.ask<Times>('truth')).p50
    const log = await target.ask<Float64Array>('log')
    const samples = new Float64Array(new Uint8Array(await readFile(file)).buffer)
    const { result, lateShare, uncertainShare, loadShare, reasons } = report.generator
    return {
      ...one,
      at: new Date().toISOString(),
      load: loadNow(),
      requests: report.totals.requests,
      floorMs,
      truth: judgeTruth(one, { samples, log, floorMs }),
      said: { result, lateShare, uncertainShare, loadShare, reasons },
    }
  } finally {
    await children.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function scenarioOf({ codeMs, wait }: Case, origin: string, file: string): string {
  const pause = wait.kind === 'none' ? '' : `wait = ${wait.kind}(${wait.ms / 1_000})`
  const code = codeMs === 0 ? '' : `while (performance.now() < begunMs + ${codeMs});`
  return `import { appendFileSync } from 'node:fs'
import { HttpUser, constant, pacing, scenario, task } from 'burst'
class U extends HttpUser {
  ${pause}
  samples: number[] = []
  @task async go() {
    const { latencyMs, headers } = await this.http.get('/')
    const begunMs = performance.now()
    ${code}
    const codeMs = performance.now() - begunMs
    const [tookMs, entry] = [Number(headers.get('took-ms')), Number(headers.get('log-entry'))]
    this.samples.push(performance.timeOrigin + begunMs, latencyMs - tookMs, entry, codeMs)
  }
  onStop() { appendFileSync(${JSON.stringify(file)}, new Uint8Array(Float64Array.from(this.samples).buffer)) }
}
export default scenario({ host: '${origin}', users: [U] })`
}
