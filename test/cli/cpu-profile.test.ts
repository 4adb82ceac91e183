import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCountingTarget } from '../targets/counting-target.ts'
import { burst } from './command-line.ts'
import { project, runIn } from './journey.ts'

interface CpuProfile {
  nodes: { id: number; hitCount: number; callFrame: { functionName: string } }[]
  startTime: number
  endTime: number
  samples: number[]
  timeDeltas: number[]
}

test('--cpu-prof writes one profile per worker beside the report, and the profile contains the functions of the scenario', async () => {
  const target = await startCountingTarget()
  try {
    const folder = await project({
      'some.burst.ts': `import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant(0.02)
  tasks = { visit: 1 }
  async visit() {
    await this.http.get('/')
    burnTime(20)
  }
}
function burnTime(ms: number) { const end = performance.now() + ms; while (performance.now() < end); }
export default scenario({ host: '${target.origin}', users: [Visitor] })
`,
    })
    const { report } = await runIn(folder, ['--cpu-prof', '-u', '2', '--iterations', '50', '--workers', '2'])
    expect(report.totals.requests).toBe(100)
    expect((await readdir(join(folder, 'out'))).filter((name) => name.endsWith('.cpuprofile')).toSorted()).toEqual([
      'worker-0.cpuprofile',
      'worker-1.cpuprofile',
    ])
    for (const worker of [0, 1]) {
      const text = await readFile(join(folder, 'out', `worker-${worker}.cpuprofile`), 'utf8')
      const profile = JSON.parse(text) as CpuProfile
      // Programs that read the format need a time difference and a node for each sample.
      expect(profile.samples.length).toBeGreaterThan(100)
      expect(profile.timeDeltas).toHaveLength(profile.samples.length)
      const ids = new Set(profile.nodes.map(({ id }) => id))
      expect(profile.samples.every((id) => ids.has(id))).toBe(true)
      // The profile covers more than 2 s, because the user of each worker runs 50 iterations of 40 ms.
      expect((profile.endTime - profile.startTime) / 1e6).toBeGreaterThan(2)
      const burnt = profile.nodes.filter(({ callFrame }) => callFrame.functionName === 'burnTime')
      expect(burnt.reduce((sum, { hitCount }) => sum + hitCount, 0)).toBeGreaterThan(0)
    }
  } finally {
    await target.close()
  }
})

test('--cpu-prof without --local is refused with a hint', async () => {
  const folder = await project({ 'some.burst.ts': '' })
  const { code, stderr } = await burst(['run', '--cpu-prof'], folder)
  expect(code).toBe(104)
  expect(stderr).toBe('burst: --cpu-prof needs --local\n  a function on AWS writes no profile\n')
})
