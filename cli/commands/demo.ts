import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { type RunFlags, runOptions } from '../flags/run-options.ts'
import { packageRoot } from '../../build/package-root.ts'
import { addDebugFlag, addFlags, outputFlags } from '../flags/flags.ts'

/** One worker suffices for these users. More workers would compete with the shop for the cores of a small machine, and make latencies inaccurate. */
const defaults = { users: '200', runTime: '20s', workers: '1' } as const

/** `burst demo`: runs the scenario `scenarios/shop.burst.ts` on this machine, against a small shop in a separate process. */
export function addDemo(program: Command, done: (exitCode: number) => void): void {
  const command = program.command('demo').description('a whole run against a small shop on this machine, in 20 s')
  addFlags(command, 'Load:', [
    new Option('-u, --users <n>', `default: ${defaults.users}`),
    new Option('-t, --run-time <time>', `default: ${defaults.runTime}`),
    new Option('--workers <n>', `processes; default: ${defaults.workers}`),
  ])
  addFlags(command, 'Result:', outputFlags())
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (flags: RunFlags) => done(await demo(flags)))
}

async function demo(flags: RunFlags): Promise<number> {
  const options = runOptions({ ...defaults, seed: 'demo', name: 'burst demo', ...flags })
  const [{ openShop }, { runLocally }] = await Promise.all([
    import('../demo/open-shop.ts'),
    import('../local-runs/starting/run-locally.ts'),
  ])
  const shop = await openShop()
  try {
    return await runLocally({
      file: join(packageRoot, 'scenarios', 'shop.burst.ts'),
      options: { ...options, host: shop.origin },
      cwd: process.cwd(),
      out: flags.out,
      json: flags.json ?? false,
      quiet: flags.quiet ?? false,
    })
  } finally {
    shop.close()
  }
}

const examples = `
Examples:
  burst demo
  burst demo --users 500 --run-time 1m`
