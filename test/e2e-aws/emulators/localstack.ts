import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Cloud, freePort, home, node24 } from './cloud.ts'
import { endProcess, processesWith } from './processes.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../../..')

/** The reason why LocalStack on this machine cannot run tests that send signals to functions. Undefined if it can run these tests. */
export const withoutProcesses = process.env['BURST_LOCALSTACK_START']
  ? undefined
  : 'LocalStack in Docker runs functions in containers, which tests cannot signal: set BURST_LOCALSTACK_START to a script that starts LocalStack without Docker'

/**
 * Starts LocalStack, either with the script that `BURST_LOCALSTACK_START` names (`… start --port P --home DIR`) or in Docker with the
 * compose file.
 * @throws Error when neither is available
 */
export async function startLocalStack(): Promise<Cloud> {
  const script = process.env['BURST_LOCALSTACK_START']
  if (script) return startScript(resolve(root, script))
  if (hasDocker()) return startCompose()
  throw new Error(
    'LocalStack is not available: start Docker, set BURST_LOCALSTACK_START to a script that starts LocalStack, or set BURST_E2E_ENDPOINT to any endpoint',
  )
}

async function startScript(script: string): Promise<Cloud> {
  if (!existsSync(script)) throw new Error(`BURST_LOCALSTACK_START names ${script}, which does not exist`)
  const port = await freePort()
  const folder = join(home, 'localstack')
  const place = ['--port', String(port), '--home', folder]
  const { AWS_ENDPOINT_URL: _endpoint, AWS_PROFILE: _profile, ...inherited } = process.env
  const env = { ...inherited, LAMBDA_PROCESS_NODE24: node24, LAMBDA_RETRY_BASE_DELAY: '2' }
  const start = async (): Promise<string> => (await run('python3', [script, 'start', ...place], { env })).stdout
  const stdout = await start().catch(async (error: unknown) => {
    // LocalStack sometimes reads its certificate file before the file is written. LocalStack then ends with the error
    // "DECODER routines::unsupported".
    process.stderr.write(`LocalStack did not start, so the test starts it once more: ${String(error)}\n`)
    return start()
  })
  const endpoint = stdout.trim().split('\n').at(-1) ?? ''
  return {
    name: 'localstack',
    endpoint,
    certificate: undefined,
    targetHost: '127.0.0.1',
    log: join(folder, 'run', String(port), 'localstack.log'),
    processesOf: async (name) => processesWith(`AWS_ENDPOINT_URL=${endpoint}`, `AWS_LAMBDA_FUNCTION_NAME=${name}`),
    stop: async () => {
      try {
        await run('python3', [script, 'stop', ...place])
      } finally {
        // If LocalStack was killed, its functions still run. A function that is frozen by a signal does not end by itself.
        const functions = await processesWith(`AWS_ENDPOINT_URL=${endpoint}`, 'AWS_LAMBDA_RUNTIME_API')
        await Promise.all(functions.map(async (pid) => endProcess(pid, 500)))
      }
    },
  }
}

async function startCompose(): Promise<Cloud> {
  await run('docker', ['compose', 'up', '--detach', '--wait'], { cwd: root })
  return {
    name: 'localstack',
    endpoint: 'http://127.0.0.1:4566',
    certificate: undefined,
    targetHost: 'host.docker.internal',
    log: undefined,
    processesOf: async () => Promise.reject(new Error(withoutProcesses)),
    stop: async () => void (await run('docker', ['compose', 'down', '--volumes'], { cwd: root })),
  }
}

function hasDocker(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
