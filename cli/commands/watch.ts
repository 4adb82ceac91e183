import type { Command } from 'commander'
import type { PlaceFlags } from '../aws/place.ts'
import type { RunFlags } from '../options.ts'
import { addDebugFlag, addFlags, outputFlags } from './flags.ts'
import { placeFlags } from './place-flags.ts'

type Flags = PlaceFlags & Pick<RunFlags, 'out' | 'json' | 'quiet'>

/** `burst watch`: a run on AWS, seen from any machine. */
export function addWatch(program: Command, done: (exitCode: number) => void): void {
  const command = program
    .command('watch')
    .description('follow a run on AWS until its report is there; Ctrl-C stops the run')
    .argument('<run>', 'as burst list names it')
  addFlags(command, 'Result:', outputFlags())
  addFlags(command, 'Where:', placeFlags())
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (run: string, flags: Flags) => {
    const [{ choosePlace }, { watch }] = await Promise.all([import('../aws/place.ts'), import('../aws/watch.ts')])
    const place = await choosePlace(flags, process.cwd())
    const { out, json = false, quiet = false } = flags
    done(await watch(place, run, { cwd: process.cwd(), out, json, quiet }))
  })
}

const examples = `
Examples:
  burst watch 20261121-104411-shop-7f3a`
