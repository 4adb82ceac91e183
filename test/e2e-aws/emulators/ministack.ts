import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, openSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cloud, freePort, home, node24 } from './cloud.ts'
import { endProcess, processesWith } from './processes.ts'

const startSeconds = 60
const graceMs = 5_000

/**
 * Starts MiniStack with TLS, because burst's bucket and queues require TLS. For calls from the functions, MiniStack enforces the policies of the
 * execution roles.
 * @throws Error when MiniStack is not installed or does not answer
 */
export async function startMiniStack(): Promise<Cloud> {
  const program = process.env['BURST_MINISTACK'] ?? join(home, 'ministack', 'bin', 'ministack')
  if (!existsSync(program)) throw new Error(notHere(program))
  const port = await freePort()
  const folder = join(home, 'run', `ministack-${port}`)
  const log = join(folder, 'log')
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'tmp'), { recursive: true })
  await writeNode(folder)
  const mark = `BURST_E2E_MARK=${randomUUID()}`
  const child = launch({ program, port, folder, mark })
  const stop = async (): Promise<void> => {
    await endProcess(child.pid as number, graceMs)
    for (const pid of await processesWith(mark)) await endProcess(pid, 500)
    await rm(join(folder, 'tmp'), { recursive: true, force: true })
  }
  const endpoint = `https://127.0.0.1:${port}`
  if (await answers(`${endpoint}/_ministack/health`, child)) {
    const certificate = join(folder, 'tmp', 'ministack-tls', 'server.crt')
    const processesOf = async (name: string): Promise<number[]> =>
      processesWith(mark, `AWS_LAMBDA_FUNCTION_NAME=${name}`)
    return { name: 'ministack', endpoint, certificate, targetHost: '127.0.0.1', log, processesOf, stop }
  }
  await stop()
  throw new Error(`MiniStack did not start. Its log ends with:\n${(await readFile(log, 'utf8')).slice(-2000)}`)
}

function launch({ program, port, folder, mark }: { program: string; port: number; folder: string; mark: string }) {
  const log = openSync(join(folder, 'log'), 'w')
  const { AWS_ENDPOINT_URL: _endpoint, AWS_PROFILE: _profile, NODE_EXTRA_CA_CERTS: _others, ...inherited } = process.env
  return spawn(program, [], {
    cwd: folder,
    stdio: ['ignore', log, log],
    env: {
      ...inherited,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: '127.0.0.1',
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      AUTH: 'true',
      USE_SSL: '1',
      LAMBDA_ACCOUNT_CONCURRENCY: '1000',
      TMPDIR: join(folder, 'tmp'),
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      BURST_E2E_MARK: mark.slice('BURST_E2E_MARK='.length),
    },
  })
}

/**
 * Writes a program with the name `node`, because MiniStack runs functions with the first `node` on its `PATH`. As on AWS, the program limits a
 * function to 1,024 file descriptors, and limits the heap to 90 % of the function's memory setting.
 */
async function writeNode(folder: string): Promise<void> {
  const file = join(folder, 'bin', 'node')
  await mkdir(dirname(file))
  const heap = '$(( ${AWS_LAMBDA_FUNCTION_MEMORY_SIZE:-1769} * 9 / 10 ))'
  await writeFile(file, `#!/bin/sh\nulimit -n 1024\nexec '${node24}' --max-old-space-size=${heap} "$@"\n`)
  await chmod(file, 0o755)
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + startSeconds * 1000
  while (Date.now() < deadline && child.exitCode === null) {
    if (await isFine(url)) return true
    await sleep(100)
  }
  return false
}

/** Returns true if MiniStack answers. The certificate is not verified, because MiniStack creates the certificate only when it starts. */
function isFine(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { rejectUnauthorized: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.once('error', () => resolve(false))
  })
}

function notHere(program: string): string {
  const folder = dirname(dirname(program))
  return `MiniStack is not at ${program}: python3 -m venv ${folder} && ${folder}/bin/pip install ministack, or name it in BURST_MINISTACK`
}
