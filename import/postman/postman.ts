import { invalidInput } from '../../core/errors.ts'
import type { Folder } from '../requests/beside.ts'
import { plannedVisits } from '../requests/flow.ts'
import { at, listAt, readJson, textAt } from '../requests/bodies/json.ts'
import { joinedSettings, partialNotes, settingsEntries } from '../requests/settings.ts'
import { modelOf, requestName } from '../requests/tasks.ts'
import { str } from '../scenario/code.ts'
import { type ScenarioModel, todo } from '../scenario/model.ts'
import { Names, className, valueName } from '../scenario/names.ts'
import { type Connection, connectionOf } from './connection.ts'
import type { Item } from './item.ts'
import { requestOf } from './request.ts'
import { scriptOf } from './scripts.ts'
import { type Variables, usedIn } from './variables.ts'

const mostRequests = 5000

interface ItemGroup {
  name: string
  items: Item[]
}

/**
 * Translates a Postman collection (v2.0 or v2.1) to a scenario with a task for each folder, and for each request outside a folder.
 * @throws BurstError (104) when the file is not a collection, or the collection has no request
 */
export function importPostman(file: string, text: string, place: Folder): ScenarioModel {
  const json = readJson(file, text)
  // Postman's own API puts the collection into a member of an outer object.
  const collection = at(json, 'collection', 'item') === undefined ? json : at(json, 'collection')
  if (!Array.isArray(at(collection, 'item')))
    throw invalidInput(`${file} is not a Postman collection: it has no list item`, {
      at: `${file}:1`,
      hint: 'export the collection as v2.1',
    })
  const folders = foldersOf(file, collection)
  const items = folders.flatMap((folder) => folder.items)
  if (items.length === 0) throw invalidInput(`${file} has no request`, { at: `${file}:1` })
  const variables = variablesOf(collection, items)
  const groups = folders.map((folder) => ({
    name: folder.name,
    steps: folder.items.map((item) => ({
      request: () => requestOf(item, variables, place),
    })),
    gives: new Set(folder.items.flatMap(({ script }) => script.sets.map(({ name }) => memberOf(variables, name)))),
    uses: new Set(folder.items.flatMap((item) => usedIn(item).map((name) => memberOf(variables, name)))),
  }))
  const credentials = new Set(
    [...variables.set.values()].filter((name) => /token|auth|session|jwt|csrf|secret|key/i.test(name)),
  )
  const { start, tasks } = plannedVisits(groups, credentials)
  // A variable that a script sets keeps its value in all following requests, as in Postman.
  const members = [...variables.members]
  const { settings, notes } = connectionsOf(file, items, place)
  return modelOf({
    className: className(textAt(collection, 'info', 'name')),
    start,
    tasks,
    fields: members.map((name) => ({ name, value: str('') })),
    names: new Names([...members, 'onStart']),
    wait: [1, 3],
    notes: [...notesOf(file, collection), ...notes],
    options: settingsEntries(settings),
  })
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

/** Constant values of the collection, and the variables that scripts set. */
function variablesOf(collection: unknown, items: readonly Item[]): Variables {
  const values = new Map<string, string>()
  for (const one of listAt(collection, 'variable')) {
    if (at(one, 'disabled') !== true) values.set(textAt(one, 'key') || textAt(one, 'id'), textAt(one, 'value'))
  }
  const names = items.flatMap(({ script }) => script.sets.map(({ name }) => name))
  const taken = new Set([
    'form',
    'body',
    'response',
    'found',
    'http',
    'data',
    'vars',
    'random',
    'index',
    'wait',
    'tasks',
  ])
  const set = new Map<string, string>()
  for (const name of names) {
    if (set.has(name)) continue
    let own = valueName(name)
    while (taken.has(own)) own += '_'
    taken.add(own)
    set.set(name, own)
  }
  return { values, set, members: new Set(set.values()) }
}

interface Open {
  item: unknown
  path: readonly string[]
  auth: unknown
  behavior: unknown
}

/** Nested folders become separate tasks, in the order of the collection. */
function foldersOf(file: string, collection: unknown): ItemGroup[] {
  const found = new Map<string, ItemGroup>()
  const given = { auth: at(collection, 'auth'), behavior: at(collection, 'protocolProfileBehavior') }
  const left: Open[] = listAt(collection, 'item').map((item) => ({ item, path: [], ...given }))
  let count = 0
  for (let open = left.shift(); open; open = left.shift()) {
    const { item, path, auth, behavior: inherited } = open
    const name = textAt(item, 'name')
    const own = at(item, 'auth') ?? auth
    const behavior = at(item, 'protocolProfileBehavior') ?? inherited
    if (Array.isArray(at(item, 'item')))
      left.unshift(
        ...listAt(item, 'item').map((inner) => ({ item: inner, path: [...path, name], auth: own, behavior })),
      )
    else if (at(item, 'request') !== undefined) {
      if (++count > mostRequests)
        throw invalidInput(`${file} has more than ${mostRequests} requests`, { hint: 'export a part of it' })
      addItem(found, file, { item, path, auth: at(item, 'request', 'auth') ?? own, behavior })
    }
  }
  return [...found.values()]
}

function addItem(found: Map<string, ItemGroup>, file: string, { item, path, auth, behavior }: Open): void {
  const name = textAt(item, 'name') || requestName(textAt(item, 'request', 'method') || 'get', '')
  const place = `${file}: ${[...path, name].join(' / ')}`
  const key = JSON.stringify(path.length === 0 ? [name, found.size] : path)
  const folder = found.get(key) ?? { name: path.length === 0 ? name : path.slice(-2).join(' '), items: [] }
  const script = scriptOf(place, listAt(item, 'event'))
  folder.items.push({ place, name, request: at(item, 'request'), auth, script, behavior })
  found.set(key, folder)
}

function notesOf(file: string, collection: unknown): string[] {
  const scripts = listAt(collection, 'event').filter((event) => listAt(event, 'script', 'exec').join('').trim() !== '')
  return scripts.map((event) => todo(file, textAt(event, 'listen'), 'a script of the whole collection'))
}
