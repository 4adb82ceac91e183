import { suggestedName } from '../../closest-name.ts'
import { isRecord } from '../../values-in-words.ts'

type Members = Record<string, unknown>

interface Place {
  className: string
  /** An instance of the class, for members that are not static. */
  instance: Members
  /** The names of the class's methods that are not tasks. */
  methods: readonly string[]
  statics: Members
}

/** The members that burst reads. Each member has a function that returns whether a value was probably meant for this member. */
const fits = new Map<string, (value: unknown) => boolean>([
  ['wait', (value) => ['function', 'number', 'string'].includes(typeof value) || (isRecord(value) && 'kind' in value)],
  ['tasks', (value) => isRecord(value) || Array.isArray(value)],
  ['onStart', (value) => typeof value === 'function'],
  ['onStop', (value) => typeof value === 'function'],
  ['static weight', (value) => typeof value === 'number' && value > 0],
  ['static count', (value) => typeof value === 'number' && value > 0],
  ['static tags', Array.isArray],
  ['static handOver', (value) => typeof value === 'boolean'],
  ['static connection', (value) => value === 'close' || value === 'keep-alive'],
  ['static http2', (value) => typeof value === 'boolean' || value === 'auto'],
  ['scenario({ host })', (value) => typeof value === 'string'],
])
const ofInstances = ['wait', 'tasks', 'onStart', 'onStop']
const ofClasses = ['weight', 'count', 'tags', 'handOver', 'connection', 'http2']

/** Maps the names of members in current and older versions of Locust, in lower case and without underscores, to the names of burst's members. */
const instead = new Map([
  ['waittime', 'wait'],
  ['waitfunction', 'wait'],
  ['minwait', 'wait'],
  ['maxwait', 'wait'],
  ['task', 'tasks'],
  ['fixedcount', 'static count'],
  ['tag', 'static tags'],
  ['host', 'scenario({ host })'],
])

/** Returns one warning for each member with a name that is probably misspelt. burst does not read these members. */
export function misspeltMembers({ className, instance, methods, statics }: Place): string[] {
  const values = [...Object.entries(instance), ...methods.map((name): [string, unknown] => [name, instance[name]])]
  const found = [
    ...values.map(([name, value]) => [name, meantBy(name, value), ''] as const),
    ...Object.entries(statics).map(([name, value]) => [name, meantByStatic(name, value), 'static '] as const),
  ]
  return found.flatMap(([name, meant, kind]) =>
    meant === undefined
      ? []
      : [`class ${className} has a ${kind}'${name}', which burst does not read: did you mean ${meant}?`],
  )
}

function meantBy(name: string, value: unknown): string | undefined {
  if (ofInstances.includes(name)) return undefined
  const meant = ofClasses.includes(name) ? `static ${name}` : likelyName(name)
  return fits.get(meant)?.(value) ? meant : undefined
}

function meantByStatic(name: string, value: unknown): string | undefined {
  if (ofClasses.includes(name)) return undefined
  const meant = likelyName(name)
  if (fits.get(meant)?.(value)) return ofInstances.includes(meant) ? `${meant}, without static` : meant
  const ofClass = suggestedName(name, ofClasses)
  return ofClass === undefined ? undefined : `static ${ofClass}`
}

function likelyName(name: string): string {
  return instead.get(plain(name)) ?? suggestedName(name, ofInstances) ?? ''
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '')
}
