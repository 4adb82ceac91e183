/** Names that Locust, k6 and habit give to flags of a run. */
const otherNames: Record<string, string> = {
  user: 'users',
  vus: 'users',
  spawnrate: 'spawn-rate',
  'hatch-rate': 'spawn-rate',
  runtime: 'run-time',
  duration: 'run-time',
  locustfile: 'file',
  iteration: 'iterations',
  worker: 'workers',
  processes: 'workers',
  'only-summary': 'quiet',
}

/**
 * Arguments as the commands know them: `-u=3` is `-u 3`, `--run_time` and `--runTime` are `--run-time`, `--local=true` is `--local`, and
 * flags of a run have the names that other tools give them. What follows `--` stays as it is.
 */
export function spelledOut(args: readonly string[]): string[] {
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  const ofRun = own[0] === 'run' || own[0] === 'debug'
  return [...own.flatMap((arg) => spelled(arg, ofRun)), ...(end === -1 ? [] : args.slice(end))]
}

function spelled(arg: string, ofRun: boolean): string[] {
  const [, letter, value] = /^-([A-Za-z])=(.*)$/s.exec(arg) ?? []
  if (letter !== undefined && value !== undefined) return [`-${letter}`, value]
  const [, given, rest = ''] = /^--([A-Za-z][\w-]*)(=.*)?$/s.exec(arg) ?? []
  if (given === undefined) return [arg]
  const name = given
    .replaceAll(/[a-z](?=[A-Z])/g, '$&-')
    .replaceAll('_', '-')
    .toLowerCase()
  const known = ofRun && Object.hasOwn(otherNames, name) ? otherNames[name] : name
  if (!switches.has(known ?? name)) return [`--${known}${rest}`]
  return rest === '=false' ? [] : [`--${known}${rest.replace(/^=true$/, '')}`]
}

/** Flags without a value. */
const switches = new Set([
  'local',
  'json',
  'quiet',
  'yes',
  'fail-on-error',
  'detach',
  'fit',
  'debug',
  'localstack',
  'force',
])
