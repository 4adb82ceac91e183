import { invalidInput } from '../../core/errors.ts'
import type { Folder } from '../requests/beside.ts'
import { plannedVisits } from '../requests/flow.ts'
import { at, listAt, readJson, textAt } from '../requests/bodies/json.ts'
import { joinedSettings, partialNotes, settingsEntries } from '../requests/settings.ts'
import { modelOf, requestName } from '../requests/tasks.ts'
import { isSecretField } from '../requests/secrets.ts'
import { str } from '../scenario/code.ts'
import type { Field, ScenarioModel } from '../scenario/model.ts'
import { Names, className, membersOfUser, valueName } from '../scenario/names.ts'
import { type Connection, connectionOf } from './connection.ts'
import type { Item } from './item.ts'
import { requestOf } from './request.ts'
import { simpleSettings } from './scripts/extractions.ts'
import { levelsOf } from './scripts/levels.ts'
import { type Source, type Sources, isText, sourcesOf, variablesIn } from './scripts/reading.ts'
import { type Variables, usedIn } from './variables.ts'

const mostRequests = 5000

interface ItemGroup {
  name: string
  items: Item[]
}

/**
 * Translates a Postman collection (v2.0 or v2.1) to a scenario. Each folder and each request outside a folder becomes a task.
 * @throws BurstError (104) when the file is not a collection, or the collection has no request or more than 5000 requests
 */
export function importPostman(file: string, text: string, place: Folder): ScenarioModel {
  const json = readJson(file, text)
  // In a response of Postman's API, the collection is a member of an outer object.
  const collection = at(json, 'collection', 'item') === undefined ? json : at(json, 'collection')
  if (!Array.isArray(at(collection, 'item')))
    throw invalidInput(`${file} is not a Postman collection: it has no list "item"`, {
      at: `${file}:1`,
      hint: 'export the collection as v2.1',
    })
  const { folders, outer } = foldersOf(file, collection)
  const items = folders.flatMap((folder) => folder.items)
  if (items.length === 0) throw invalidInput(`${file} has no request`, { at: `${file}:1` })
  const variables = variablesOf(collection, [...items.map(({ scripts }) => scripts), ...outer.values()])
  const names = new Names([...variables.members, 'onStart'])
  const levels = levelsOf(outer, variables, names)
  const groups = folders.map((folder) => ({
    name: folder.name,
    steps: folder.items.map((item) => ({
      request: () => requestOf(item, variables, { place, levels }),
    })),
    gives: new Set(folder.items.flatMap(({ scripts }) => setNames(scripts).map((name) => memberOf(variables, name)))),
    uses: new Set(folder.items.flatMap((item) => usedIn(item).map((name) => memberOf(variables, name)))),
  }))
  const credentials = new Set(
    [...variables.set.values()].filter((name) => /token|auth|session|jwt|csrf|secret|key/i.test(name)),
  )
  const { start, tasks } = plannedVisits(groups, credentials)
  const { settings, notes } = connectionsOf(file, items, place)
  return modelOf({
    className: className(textAt(collection, 'info', 'name')),
    start,
    tasks,
    fields: fieldsOf(variables),
    names,
    wait: [1, 3],
    notes: [...[...levels.values()].flatMap((level) => level.notes), ...notes],
    options: settingsEntries(settings),
    levels: (own) => [...levels.values()].map((level) => level.write(own)),
  })
}

/** Returns a field of the user for each variable that a script sets. As in Postman, the variable keeps its value in all following requests. */
function fieldsOf(variables: Variables): Field[] {
  return [...variables.members].map((name) => ({
    name,
    value: str(firstValue(name, variables)),
    ...(variables.any.has(name) && { type: 'any' }),
  }))
}

/**
 * Returns the initial value of a variable that a script sets: its value in the collection. Returns an empty string if the collection has no value, or
 * if the value is a secret or contains a variable.
 */
function firstValue(member: string, { set, values }: Variables): string {
  const [name = ''] = [...set].find(([, own]) => own === member) ?? []
  const value = values.get(name) ?? ''
  return isSecretField(name) || value.includes('{{') ? '' : value
}

/** Returns the combined connection settings of all requests. */
function connectionsOf(file: string, items: readonly Item[], place: Folder): Connection {
  const all = items.map((item) => connectionOf(item, place))
  const settings = all.map((one) => one.settings)
  const notes = new Set(all.flatMap((one) => one.notes))
  return { settings: joinedSettings(settings), notes: [...notes, ...partialNotes(file, settings)] }
}

function memberOf({ set }: Variables, name: string): string {
  return set.get(name) ?? `{{${name}}}`
}

function setNames({ before, tests }: Sources): string[] {
  return variablesIn([...before, ...tests]).sets.map(({ name }) => name)
}

/** Names that a field must not have: names that a generated method uses itself, and members of the user. */
const ofMethods = ['form', 'body', 'response', 'found', 'answer', ...membersOfUser]

/** Returns the variables of the collection: its constants, and the variables that scripts set. */
function variablesOf(collection: unknown, scripts: readonly Sources[]): Variables {
  const values = new Map<string, string>()
  for (const one of listAt(collection, 'variable')) {
    if (at(one, 'disabled') !== true) values.set(textAt(one, 'key') || textAt(one, 'id'), textAt(one, 'value'))
  }
  const sets = variablesIn(scripts.flatMap(({ before, tests }) => [...before, ...tests])).sets
  const taken = new Set(ofMethods)
  const set = new Map<string, string>()
  for (const { name } of sets) {
    if (set.has(name)) continue
    let own = valueName(name)
    while (taken.has(own)) own += '_'
    taken.add(own)
    set.set(name, own)
  }
  const simple = new Set(scripts.flatMap(({ tests }) => tests.flatMap(simpleNames)))
  const any = sets
    .filter(({ name, value }) => !isText(value) && !simple.has(name))
    .map(({ name }) => set.get(name) ?? '')
  return { values, set, members: new Set(set.values()), any: new Set(any) }
}

function simpleNames(source: Source): string[] {
  return [...simpleSettings(source).values()].map(({ name }) => name)
}

interface Open {
  item: unknown
  path: readonly string[]
  auth: unknown
  behavior: unknown
  levels: readonly string[]
}

/**
 * Returns the requests by folder, in the order of the collection. A nested folder becomes a separate task. `outer` contains the scripts of the
 * collection and of its folders.
 */
function foldersOf(file: string, collection: unknown): { folders: ItemGroup[]; outer: Map<string, Sources> } {
  const found = new Map<string, ItemGroup>()
  const outer = new Map<string, Sources>()
  const behavior = at(collection, 'protocolProfileBehavior')
  const given = { auth: at(collection, 'auth'), behavior, levels: levelAt(outer, file, collection) }
  const left: Open[] = listAt(collection, 'item').map((item) => ({ item, path: [], ...given }))
  let count = 0
  for (let open = left.shift(); open; open = left.shift()) {
    const { item, path, auth, behavior: inherited } = open
    const name = textAt(item, 'name')
    const own = at(item, 'auth') ?? auth
    const behavior = at(item, 'protocolProfileBehavior') ?? inherited
    if (Array.isArray(at(item, 'item'))) {
      const inside = [...path, name]
      const levels = [...open.levels, ...levelAt(outer, `${file}: ${inside.join(' / ')}`, item)]
      left.unshift(...listAt(item, 'item').map((inner) => ({ item: inner, path: inside, auth: own, behavior, levels })))
    } else if (at(item, 'request') !== undefined) {
      if (++count > mostRequests)
        throw invalidInput(`${file} has more than ${mostRequests} requests`, { hint: 'export a part of it' })
      addItem(found, file, { ...open, auth: at(item, 'request', 'auth') ?? own, behavior })
    }
  }
  return { folders: [...found.values()], outer }
}

/**
 * Reads the scripts of the collection or of a folder, and stores them in `outer` under the key `place`. Returns `[place]`, or an empty list if there
 * are no scripts.
 */
function levelAt(outer: Map<string, Sources>, place: string, part: unknown): string[] {
  const sources = sourcesOf(place, listAt(part, 'event'))
  if (sources.before.length + sources.tests.length + sources.todos.length === 0) return []
  outer.set(place, sources)
  return [place]
}

function addItem(found: Map<string, ItemGroup>, file: string, { item, path, auth, behavior, levels }: Open): void {
  const name = textAt(item, 'name') || requestName(textAt(item, 'request', 'method') || 'get', '')
  const place = `${file}: ${[...path, name].join(' / ')}`
  const key = JSON.stringify(path.length === 0 ? [name, found.size] : path)
  const folder = found.get(key) ?? { name: path.length === 0 ? name : path.slice(-2).join(' '), items: [] }
  const scripts = sourcesOf(place, listAt(item, 'event'))
  folder.items.push({ place, name, request: at(item, 'request'), auth, scripts, behavior, levels })
  found.set(key, folder)
}
