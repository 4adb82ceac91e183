import { type Command, Option } from 'commander'
import { awsUsersPerWorkerCap, usersPerWorkerCap } from '../../core/plan/plan.ts'

/** Adds flags under a heading of the help. */
export function addFlags(command: Command, heading: string, flags: readonly Option[]): void {
  for (const flag of flags) command.addOption(flag.helpGroup(heading))
}

/** Adds the flag `--debug`, with which a command shows the stack trace of an error. Also sets the description of `--help`. */
export function addDebugFlag(command: Command): void {
  command.option('--debug', "show where in burst's code an error occurred").helpOption('-h, --help', 'print this help')
}

/** Returns the flags for the size and the duration of the load, and for its target. */
export function loadFlags(): Option[] {
  return [
    new Option('-u, --users <n>', 'maximum number of users at a time; rescales the load of the file'),
    new Option('-r, --spawn-rate <n>', 'users started per second; all users stay until the end'),
    new Option('-t, --run-time <time>', 'the duration of the load'),
    new Option('-H, --host <url>', 'the target, instead of the target in the file'),
    new Option('--rate <n>', 'maximum arrivals per second, for files with arrivals'),
    new Option(
      '--interval <time>',
      'how long a worker runs before the next worker takes over its users; default: 10m on AWS',
    ),
    new Option(
      '--abort-on <rule>',
      "stop the run when a threshold fails over a time span, e.g. 'errors < 10% over 30s'; may be repeated",
    ).argParser(repeated),
    new Option('--stop-timeout <time>', 'how long requests in flight may take at the end; default: 10s'),
  ]
}

/** Returns the flags that select parts of the scenario and set its parameters. */
export function scenarioFlags(): Option[] {
  return [
    new Option('-T, --tags <tags...>', 'run only the tasks with one of these tags'),
    new Option('-E, --exclude-tags <tags...>', 'leave out the tasks with one of these tags'),
    new Option(
      '--weight <class=n>',
      'the weight of a user class, instead of the weight in the file; 0 leaves the class out; may be repeated',
    ).argParser(repeated),
    new Option('--iterations <n>', 'end every user after n iterations'),
    new Option(
      '--seed <text>',
      'the seed for the random choices of users; default: a new seed, which the report names',
    ),
    envFileFlag(),
    filesFlag(),
    new Option('--var <key=value>', 'a value in this.vars of every user; may be repeated').argParser(repeated),
  ]
}

export function workerFlags(): Option[] {
  return [
    new Option(
      '--workers <n>',
      'number of workers (processes, or functions on AWS); default with --local: one per core; default on AWS: as few as possible; burst starts more workers if --users-per-worker requires them',
    ),
    new Option(
      '--users-per-worker <n>',
      `maximum number of users per worker; default: ${usersPerWorkerCap}; on AWS at most ${awsUsersPerWorkerCap}, unless the users share connections`,
    ),
  ]
}

/** The values of the flags that `awsFlags` returns, as typed. */
export interface AwsFlags {
  fit?: boolean
  takeConcurrency?: string
  budget?: string
}

/** Returns the flags that limit the concurrency and the cost of a run on AWS. */
export function awsFlags(): Option[] {
  return [
    new Option('--fit', 'plan a smaller run if the run would need too much concurrency'),
    new Option(
      '--take-concurrency <n>',
      "use up to this much concurrency, instead of half of the account's free concurrency",
    ),
    new Option('--budget <usd>', 'refuse a run that would cost more than this; default: the budget of the scenario'),
  ]
}

export function outputFlags(): Option[] {
  return [
    new Option('--out <folder>', 'the folder for the files; default: burst-results/<run>'),
    new Option('--json', 'print report.json to stdout, and everything else to stderr'),
    new Option('--quiet', 'print only the summary'),
  ]
}

export function envFileFlag(): Option {
  const meaning = 'set process.env from this file, instead of .env beside the scenario; may be repeated'
  return new Option('--env-file <file>', meaning).argParser(repeated)
}

export function filesFlag(): Option {
  return new Option('--files <folder>', 'copy the files of this folder to every worker, for file() in the scenario')
}

/** Collects the values of a flag that may be repeated. */
export function repeated(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}
