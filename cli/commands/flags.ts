import { type Command, Option } from 'commander'

/** Adds flags under one heading of the help. */
export function addFlags(command: Command, heading: string, flags: readonly Option[]): void {
  for (const flag of flags) command.addOption(flag.helpGroup(heading))
}

/** Every command can show the stack of an error. */
export function addDebugFlag(command: Command): void {
  command.option('--debug', 'show where in burst an error came from').helpOption('-h, --help', 'print this help')
}

/** How much load, for how long, on what. */
export function loadFlags(): Option[] {
  return [
    new Option('-u, --users <n>', 'most users at a time; rescales the load of the file'),
    new Option('-r, --spawn-rate <n>', 'users started per second; then they stay until the end'),
    new Option('-t, --run-time <time>', 'how long'),
    new Option('-H, --host <url>', 'the target, instead of the one in the file'),
    new Option('--rate <n>', 'most arrivals per second, for files with arrivals'),
    new Option('--stop-timeout <time>', 'how long requests in flight get at the end; default: 10s'),
  ]
}

export function workerFlags(): Option[] {
  return [
    new Option('--workers <n>', 'processes; default: one per core, more for more than 800 users each'),
    new Option('--users-per-worker <n>', 'most users of one process; default: 800'),
  ]
}

export function outputFlags(): Option[] {
  return [
    new Option('--out <folder>', 'where the files go; default: burst-results/<run>'),
    new Option('--json', 'print report.json on stdout, all else on stderr'),
    new Option('--quiet', 'say nothing before the summary'),
  ]
}

/** Collects the values of a flag that may be given several times. */
export function repeated(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}
