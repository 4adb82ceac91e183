import { type Command, Option } from 'commander'
import { addFlags, awsFlags, outputFlags, workerFlags } from './flags.ts'
import { connectionFlags } from './connection-flags.ts'
import { placeFlags } from './place-flags.ts'
import { uiFlags } from './ui-flags.ts'

// The groups of flags that at least two of `burst plan`, `burst run` and `burst find` share. Each group has a heading in the help.

/** Returns a command with the argument for the scenario's file. */
export function scenarioCommand(program: Command, name: string, description: string): Command {
  const command = program.command(name).description(description)
  return command.argument('[scenario]', 'the scenario file; default: the only *.burst.ts file in the folder')
}

/** Returns the flag `-f`, which names the scenario's file as in Locust. */
export function fileFlag(): Option {
  return new Option('-f, --file <file>', 'the scenario file; the same as the argument')
}

/** Adds the flags for the connections to the target, and the flags that select where the run takes place. */
export function addPlaceGroups(command: Command, onAws: readonly Option[] = []): void {
  addFlags(command, 'Connections:', connectionFlags())
  addFlags(command, 'Where:', [
    new Option('--local', 'on this machine, without AWS'),
    ...workerFlags(),
    ...placeFlags(),
  ])
  addFlags(command, 'On AWS:', [...onAws, ...awsFlags()])
}

export function detachFlag(): Option {
  return new Option('--detach', "print the run's id and exit; use burst watch to follow the run")
}

/** Adds the flags that control the result of a run. */
export function addResultGroup(command: Command, more: readonly Option[] = []): void {
  addFlags(command, 'Result:', [
    ...outputFlags(),
    new Option(
      '--summary <format>',
      'print the summary on stdout as text or markdown; with markdown, everything else on stderr; default: text',
    ),
    new Option('--name <text>', "the name of the run in the report; default: the scenario's name"),
    ...more,
    new Option('--yes', 'do not ask for confirmation, even if the cost is above $1'),
  ])
}

/** Adds the flags of the page that shows a run in progress. */
export function addPageGroup(command: Command): void {
  addFlags(command, 'Page:', [
    new Option('--ui', 'with --local, show the run in the browser while it runs'),
    ...uiFlags(),
  ])
}
