import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { lives, signal } from '../e2e-aws/emulators/processes.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/**
 * A replacement for `python3`, which normally runs the script that starts and stops LocalStack. The suite calls this program as
 * `python3 <script> start --port 2 --home <folder>`.
 */
const python = `#!/bin/bash
folder="$6/run/$4"
case "$2" in
  start) mkdir -p "$folder"; sleep 600 >/dev/null 2>&1 & echo $! >"$folder/pid" ;;
  stop) kill "$(cat "$folder/pid")"; rm "$folder/pid" ;;
esac`

/**
 * A replacement for `npm`, which normally runs the suite. This program starts a LocalStack with a function, a MiniStack that ignores SIGTERM, and a
 * user's command whose endpoint is the LocalStack. Then the program kills itself.
 */
const npm = `#!/bin/bash
python3 "$BURST_LOCALSTACK_START" start --port 2 --home "$BURST_E2E_HOME/localstack"
env -u BURST_E2E_SUITE AWS_ENDPOINT_URL=http://127.0.0.1:2 AWS_LAMBDA_RUNTIME_API=127.0.0.1:3 sleep 600 >/dev/null 2>&1 &
echo $! >"$BURST_E2E_HOME/function"
env -u BURST_E2E_SUITE AWS_ENDPOINT_URL=http://127.0.0.1:2 sleep 600 >/dev/null 2>&1 &
echo $! >"$BURST_E2E_HOME/person"
bash -c 'trap "" TERM; exec sleep 600' >/dev/null 2>&1 &
echo $! >"$BURST_E2E_HOME/ministack.pid"
cp "$BURST_E2E_HOME/localstack/run/2/pid" "$BURST_E2E_HOME/localstack.pid"
kill -KILL $$`

/** The files to which the program `npm` above writes the ids of the suite's processes. */
const ofSuite = ['localstack.pid', 'function', 'ministack.pid']
const started = new Set([...ofSuite, 'person'])

test('the emulators and functions of a killed test suite are stopped, but processes of other suites and of users keep running', async () => {
  const home = await mkdtemp(join(tmpdir(), 'burst-ci-'))
  const others: ChildProcess[] = []
  const namespace = await readlink('/proc/self/ns/pid')
  const emulatorOf = (suite: number, where = namespace): ChildProcess => {
    const env = { ...process.env, BURST_E2E_SUITE: `${suite} ${where}`, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
    const child = spawn('sleep', ['600'], { stdio: 'ignore', env })
    others.push(child)
    return child
  }
  const pidIn = async (file: string): Promise<number> => Number(await readFile(join(home, file), 'utf8'))
  try {
    for (const folder of ['bin', 'ministack/bin', 'localstack/run/1'])
      await mkdir(join(home, folder), { recursive: true })
    const programs = { 'bin/python3': python, 'bin/npm': npm, 'ministack/bin/ministack': '' }
    for (const [file, text] of Object.entries(programs)) await writeFile(join(home, file), text, { mode: 0o755 })
    const gone = spawn('true')
    await once(gone, 'exit')
    const [other, old] = [emulatorOf(process.pid), emulatorOf(gone.pid as number)]
    const contained = emulatorOf(gone.pid as number, 'pid:[1]')
    await writeFile(join(home, 'localstack/run/1/pid'), String(other.pid))

    const env = {
      ...process.env,
      PATH: `${join(home, 'bin')}:${process.env['PATH']}`,
      BURST_E2E_HOME: home,
      BURST_LOCALSTACK_START: join(home, 'start.py'),
    }
    await expect(run(join(root, '.ci/e2e'), { env })).rejects.toMatchObject({ code: 137 })
    expect(await pidIn('localstack/run/1/pid')).toBe(other.pid)
    const ended = [old.pid as number, ...(await Promise.all(ofSuite.map(pidIn)))]
    expect(await Promise.all(ended.map(lives))).toEqual([false, false, false, false])
    const kept = [other.pid as number, contained.pid as number, await pidIn('person')]
    expect(await Promise.all(kept.map(lives))).toEqual([true, true, true])
  } finally {
    for (const child of others) child.kill()
    const begun = (await readdir(home)).filter((file) => started.has(file))
    for (const pid of await Promise.all(begun.map(pidIn))) signal(pid, 'SIGKILL')
    await rm(home, { recursive: true, force: true })
  }
})
