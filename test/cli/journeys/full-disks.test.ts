import { execFile, spawnSync } from 'node:child_process'
import { mkdir, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { outputFiles } from '../../../functions/keys.ts'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { type Ended, burst } from '../command-line.ts'
import { project } from '../journey.ts'

const program = fileURLToPath(new URL('../../../cli/burst.ts', import.meta.url))
/** Only root on Linux can mount a small disk in a separate namespace. */
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0
if (!canMount) process.stderr.write('tests of full and read-only disks are skipped: unshare -m is not permitted here\n')

let target: CountingTarget
beforeAll(async () => {
  target = await startCountingTarget()
})
afterAll(() => target.close())

async function folderWith(more = ''): Promise<string> {
  const folder = await project({
    'tiny.burst.ts': `import { writeFileSync } from 'node:fs'
import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/') }
}
export default scenario({ host: '${target.origin}', users: [Visitor], ${more} })
`,
  })
  await Promise.all(['disk', 'out', 'tmp'].map((name) => mkdir(join(folder, name))))
  return folder
}

/** Runs a line of bash in a separate mount namespace. `BURST` in the line runs the scenario of the folder for one second. */
function mounted(folder: string, line: string): Promise<Ended> {
  const command = `"${process.execPath}" "${program}" run "$FOLDER/tiny.burst.ts" --local --workers 1 -t 1s`
  const script = `set -e; cd "$FOLDER"; ${line.replace('BURST', command)}`
  const env = {
    ...process.env,
    NODE: process.execPath,
    PROGRAM: program,
    FOLDER: folder,
    TMPDIR: join(folder, 'tmp'),
    NO_COLOR: '1',
  }
  return new Promise((resolve) => {
    execFile('unshare', ['-m', 'bash', '-c', script], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

const full = (kb: number, path: string): string =>
  `mount -t tmpfs -o size=${kb}k none ${path}; head -c 100m /dev/zero > ${path}/fill 2>/dev/null || true`

describe.skipIf(!canMount)('a full disk', () => {
  test.for([
    ['full', full(64, 'disk')],
    ['read-only', 'mount --bind disk disk; mount -o remount,ro,bind disk'],
  ])('a working folder on a disk that is %s does not affect a run whose --out is on another disk', async ([, disk]) => {
    const folder = await folderWith()
    const { code, stderr } = await mounted(folder, `${disk}; cd disk; BURST --out "$FOLDER/out"`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect((await readdir(join(folder, 'out'))).toSorted()).toEqual([...outputFiles].toSorted())
  })

  test('burst init in a read-only folder exits with code 104 and a one-sentence error message', async () => {
    const folder = await folderWith()
    const disk = 'mount --bind disk disk; mount -o remount,ro,bind disk; cd disk'
    expect(await mounted(folder, `${disk}; "$NODE" "$PROGRAM" init`)).toEqual({
      code: 104,
      stdout: '',
      stderr: `burst: cannot write to ${join(folder, 'disk')}: the file system is read-only\n  name another folder\n`,
    })
  })

  test('if the disk of --out is full, burst prints the summary, and burst report can later write the report from the kept store', async () => {
    const folder = await folderWith()
    const { code, stdout, stderr } = await mounted(folder, 'mount -t tmpfs -o size=64k none disk; BURST --out disk')
    expect(code).toBe(97)
    expect(stdout).toContain('all')
    const [, run = ''] =
      /: the disk is full\n {2}the report is kept in \S+; burst report (\S+) --local --out/.exec(stderr) ?? []
    const fetched = await burst(['report', run, '--local', '--out', 'out'], folder, { TMPDIR: join(folder, 'tmp') })
    expect(fetched).toMatchObject({ code: 0, stderr: '' })
    const report = JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8')) as Report
    expect(report.totals.requests).toBeGreaterThan(0)
  })

  test.for([
    ['full from the start', full(64, 'tmp'), 'the disk is full'],
    ['read-only', 'mount --bind tmp tmp; mount -o remount,ro,bind tmp', 'the file system is read-only'],
  ])(
    'when the disk of the temporary folder is %s, the exit code is 97 and the message names the cause',
    async ([, disk, cause]) => {
      const { code, stderr } = await mounted(await folderWith(), `${disk}; BURST --out "$FOLDER/out"`)
      expect(code).toBe(97)
      expect(stderr).toMatch(/^burst: cannot write to the temporary folder \S*\/tmp\//)
      expect(stderr).toContain(`: ${cause}\n  set TMPDIR to a folder that can be written\n`)
    },
  )

  test('if the disk of the temporary folder becomes full during a run, burst exits with code 97 and names the cause', async () => {
    const folder = await folderWith(
      "beforeRun: () => { try { for (let k = 0; ; k++) writeFileSync(process.env['TMPDIR'] + '/fill' + k, 'x'.repeat(4000)) } catch {} }",
    )
    const { code, stderr } = await mounted(folder, 'mount -t tmpfs -o size=4m none tmp; BURST --out "$FOLDER/out"')
    expect({ code, stderr }).toEqual({ code: 97, stderr: expect.stringContaining('the disk is full') })
    expect(stderr).not.toContain('bug in burst')
  })

  test('if the disk of the temporary folder becomes full, the counts are kept, and each message says how to make a report from the counts', async () => {
    const folder = await project({
      'tiny.burst.ts': `import { writeFileSync } from 'node:fs'
import { HttpUser, constant, scenario } from 'burst'
let fromMs = 0
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { home: 1 }
  async home() {
    await this.http.get('/')
    fromMs ||= performance.now()
    if (performance.now() - fromMs > 8000) try { for (let k = 0; ; k++) writeFileSync(process.env['TMPDIR'] + '/fill' + k, 'x'.repeat(4000)) } catch {}
  }
}
export default scenario({ host: '${target.origin}', users: [Visitor] })
`,
    })
    await mkdir(join(folder, 'tmp'))
    const finalize = '"$NODE" "$PROGRAM" report $RUN --local --finalize --out out'
    const { code, stdout, stderr } = await mounted(
      folder,
      `mount -t tmpfs -o size=4m none tmp; BURST -t 20s --out "$FOLDER/out" || echo "code $?";
RUN=$(ls tmp/burst-*/runs); ${finalize} || echo "code $?"; TMPDIR=/tmp ${finalize} || echo "code $?"; rm tmp/fill*; ${finalize}`,
    )
    expect(stdout.match(/^code .*$/gm)).toEqual(['code 97', 'code 97', 'code 104'])
    const kept = String.raw`the counts are kept in \S+/tmp/burst-\d+/runs/\S+/store`
    for (const said of [
      `\n {2}set TMPDIR to use another folder for further runs; ${kept}; after the cause is removed, burst report \\S+ --local --finalize makes a report from the counts, with the same TMPDIR as this run\n`,
      `burst: the report could not be made: .*: the disk is full \\(ENOSPC\\)\n {2}${kept}; remove the cause, and repeat the command\n`,
      "burst: the store of run '\\S+' was not kept\n.*; if TMPDIR had another value when the run started, set it to that value\n",
    ])
      expect(stderr).toMatch(new RegExp(said))
    expect(code).toBe(97)
    const report = JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8')) as Report
    expect(report.totals.requests).toBeGreaterThan(0)
  }, 90_000)

  test('if the disk of stdout is full, burst run still writes the report, and exits with code 97 and a one-sentence error message', async () => {
    const folder = await folderWith()
    const { code, stderr } = await mounted(folder, 'BURST --out "$FOLDER/out" > /dev/full')
    expect({ code, stderr }).toEqual({ code: 97, stderr: 'burst: stdout cannot be written: the disk is full\n' })
    expect((await readdir(join(folder, 'out'))).toSorted()).toEqual([...outputFiles].toSorted())
  })

  test.for([['--help'], ['list', '--local']])(
    'if the disk of stdout is full, burst %s exits with code 97 and a one-sentence error message',
    async (args) => {
      const { code, stderr } = await mounted(await folderWith(), `"$NODE" "$PROGRAM" ${args.join(' ')} > /dev/full`)
      expect({ code, stderr }).toEqual({ code: 97, stderr: 'burst: stdout cannot be written: the disk is full\n' })
    },
  )
})
