import { Command } from 'commander'
import { addCompare } from './commands/compare.ts'
import { addDebug } from './commands/debug.ts'
import { addDemo } from './commands/demo.ts'
import { addDeploy } from './commands/stack/deploy.ts'
import { addFind } from './commands/find.ts'
import { addDestroy } from './commands/stack/destroy.ts'
import { addDoctor } from './commands/stack/doctor.ts'
import { addImport } from './commands/import.ts'
import { addInit } from './commands/init.ts'
import { addList } from './commands/runs/list.ts'
import { addPlan } from './commands/plan.ts'
import { addReport } from './commands/runs/report.ts'
import { addRun } from './commands/run.ts'
import { addPause } from './commands/runs/pause.ts'
import { addScale } from './commands/runs/scale.ts'
import { addStop } from './commands/runs/stop.ts'
import { addUi } from './commands/ui.ts'
import { addWatch } from './commands/runs/watch.ts'
import { refuseBlank } from './flags/refuse-blank.ts'
import { version } from '../build/identity.ts'

/**
 * Returns the program with all commands and their flags. `done` is called with the exit code of the command. If a command can only exit with 0 or
 * throw, it need not call `done`.
 */
export function buildProgram(done: (exitCode: number) => void): Command {
  const program = new Command('burst')
    .description('A load generator with user classes in TypeScript.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', examples)
    .hook('preAction', (_, command) => refuseBlank(command))
  addDemo(program, done)
  addInit(program)
  addImport(program)
  addRun(program, done)
  addFind(program, done)
  addPlan(program)
  addDebug(program, done)
  addDeploy(program)
  addDoctor(program, done)
  addWatch(program, done)
  addList(program)
  addReport(program, done)
  addCompare(program, done)
  addScale(program)
  addPause(program)
  addStop(program)
  addUi(program, done)
  addDestroy(program)
  return program
}

const examples = `
Examples:
  burst demo                                   a run against a small shop on this machine
  burst init                                   write a first scenario into this folder
  burst run --local                            run the scenario of this folder on this machine
  burst run shop.burst.ts --local -u 500 -t 2m
  burst ui                                     the same in the browser
  burst debug shop.burst.ts                    one user, once, every exchange shown
  burst deploy --allow shop.example.com        the stack on AWS
  burst run shop.burst.ts -u 50000 -t 10m      on AWS

Exit codes: 0 passed, unjudged or inconclusive, 99 a threshold failed, 98 incomplete,
96 inconclusive with --fail-on-inconclusive, 105 stopped, 97 the run failed,
104 invalid input, 107 the scenario threw while loading, 1 a bug in burst.
Ctrl-C ends burst ui with 0. While a command has no run and no page, Ctrl-C ends
its process; a shell then shows 130, and 143 for SIGTERM.`
