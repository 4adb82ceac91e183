/**
 * The key is a flag's name in Locust or k6, or a common variant of burst's name. The value is burst's name. These names apply only to commands with a
 * scenario.
 */
const otherNames = new Map([
  ['user', 'users'],
  ['vus', 'users'],
  ['spawnrate', 'spawn-rate'],
  ['hatch-rate', 'spawn-rate'],
  ['runtime', 'run-time'],
  ['duration', 'run-time'],
  ['locustfile', 'file'],
  ['iteration', 'iterations'],
  ['worker', 'workers'],
  ['processes', 'workers'],
  ['only-summary', 'quiet'],
  ['insecure-skip-tls-verify', 'insecure'],
])

/**
 * Normalises arguments: `-u=3` becomes `-u 3`, and `--run_time` and `--runTime` become `--run-time`. In commands with a scenario, a flag's name in
 * Locust or k6 becomes burst's name. Arguments after `--` are not changed.
 */
export function spelledOut(args: readonly string[]): string[] {
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  const ofRun = takesScenario(own)
  return [...own.flatMap((arg) => spelled(arg, ofRun)), ...(end === -1 ? [] : args.slice(end))]
}

/** Returns true for the commands whose argument is always a scenario: run, find, debug and plan. */
export function takesScenario(args: readonly string[]): boolean {
  return ['run', 'find', 'debug', 'plan'].includes(args[0] ?? '')
}

function spelled(arg: string, ofRun: boolean): string[] {
  const short = /^-([A-Za-z])=(.*)$/s.exec(arg)
  if (short) return [`-${short[1]}`, short[2] ?? '']
  const [, given, rest = ''] = /^--([A-Za-z][\w-]*)(=.*)?$/s.exec(arg) ?? []
  return [given === undefined ? arg : `--${nameOf(given, ofRun)}${rest}`]
}

function nameOf(given: string, ofRun: boolean): string {
  const separated = given.replaceAll(/[a-z](?=[A-Z])/g, '$&-').replaceAll('_', '-')
  const name = separated.toLowerCase()
  return (ofRun ? otherNames.get(name) : undefined) ?? name
}
