import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ended, type RunningBurst, emptyFolder, startBurst } from '../cli/command-line.ts'
import type { Cloud } from './emulators/cloud.ts'

/** A person who uses burst on a cloud, in a new folder. */
export interface Person {
  folder: string
  /** Runs `burst <args> --endpoint …` to its end. */
  burst(...args: string[]): Promise<Ended>
  /** Runs the command as `burst` does, but throws an error with the whole output if the exit code is not 0. */
  manages(...args: string[]): Promise<Ended>
  start(...args: string[]): RunningBurst
}

/**
 * Time limit of one command, in milliseconds. A run waits up to 4 minutes for messages. The limit is longer, so that the command can still print the
 * report if messages do not arrive. The limit is shorter than the time limit of a test, so that the error names the command that hangs.
 */
const patienceMs = 330_000

/** @param env the AWS settings of the person. Default: none, because `--endpoint` must be sufficient */
export async function newPerson({ endpoint, certificate }: Cloud, env: NodeJS.ProcessEnv = {}): Promise<Person> {
  const folder = await emptyFolder()
  const start = (...args: string[]): RunningBurst =>
    startBurst([...args, '--endpoint', endpoint], folder, { ...clean, ...env, NODE_EXTRA_CA_CERTS: certificate })
  const command = async (...args: string[]): Promise<Ended> => {
    const running = start(...args)
    const timer = setTimeout(() => running.child.kill('SIGKILL'), patienceMs)
    const ended = await running.ended
    clearTimeout(timer)
    return ended
  }
  const manages = async (...args: string[]): Promise<Ended> => {
    const ended = await command(...args)
    if (ended.code === 0) return ended
    throw new Error(`burst ${args.join(' ')} ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`)
  }
  return { folder, start, burst: command, manages }
}

/** Removes the AWS settings of this machine from the environment. */
const clean: NodeJS.ProcessEnv = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => name.startsWith('AWS_'))
    .map((name) => [name, undefined]),
)

/** Writes a scenario whose users request `/` repeatedly and wait for `pause` between the requests. */
export async function writeScenario(folder: string, host: string, pause = '2s'): Promise<string> {
  await writeFile(
    join(folder, 'home.burst.ts'),
    `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('${pause}')
  tasks = { home: 1 }
  async home() { await this.http.get('/').expect(200) }
}
export default scenario({ host: '${host}', users: [Visitor], load: [ramp(10, '0s'), hold('5s')] })
`,
  )
  return 'home.burst.ts'
}
