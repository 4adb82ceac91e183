import { invalidInput } from '../../core/errors.ts'
import { plannedVisits } from '../requests/flow.ts'
import { at, listAt, readJson, textAt } from '../requests/json.ts'
import { modelOf, requestName } from '../requests/tasks.ts'
import { str } from '../scenario/code.ts'
import { type ScenarioModel, todo } from '../scenario/model.ts'
import { Names, className, valueName } from '../scenario/names.ts'
import type { Item } from './item.ts'
import { requestOf } from './request.ts'
import { scriptOf } from './scripts.ts'
import { type Variables, usedIn } from './variables.ts'

const mostRequests = 5000

interface Folder {
  name: string
  items: Item[]
}

/**
 * Translates a Postman collection (v2.0 or v2.1) to a scenario with a task for each folder, and for each request outside of folders.
 * @throws BurstError (104) when it is not a collection, or has no request
 */
export function importPostman(file: string, text: string): ScenarioModel {
  const collection = readJson(file, text)
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
      request: () => requestOf(item, variables),
    })),
    gives: new Set(folder.items.flatMap(({ script }) => script.sets.map(({ name }) => memberOf(variables, name)))),
    uses: new Set(folder.items.flatMap((item) => usedIn(item).map((name) => memberOf(variables, name)))),
  }))
  const credentials = new Set(
    [...variables.set.values()].filter((name) => /token|auth|session|jwt|csrf|secret|key/i.test(name)),
  )
  const { start, tasks } = plannedVisits(groups, credentials)
  // As in Postman, a variable that a script sets keeps its value in all following requests.
  const members = [...variables.members]
  return modelOf({
    className: className(textAt(collection, 'info', 'name')),
    start,
    tasks,
    fields: members.map((name) => ({ name, value: str('') })),
    names: new Names([...members, 'onStart']),
    wait: [1, 3],
    notes: notesOf(file, collection),
  })
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
}

/** Nested folders become separate tasks, in the order of the collection. */
function foldersOf(file: string, collection: unknown): Folder[] {
  const found = new Map<string, Folder>()
  const left: Open[] = listAt(collection, 'item').map((item) => ({ item, path: [], auth: at(collection, 'auth') }))
  let count = 0
  for (let open = left.shift(); open; open = left.shift()) {
    const { item, path, auth } = open
    const name = textAt(item, 'name')
    const own = at(item, 'auth') ?? auth
    if (Array.isArray(at(item, 'item')))
      left.unshift(...listAt(item, 'item').map((inner) => ({ item: inner, path: [...path, name], auth: own })))
    else if (at(item, 'request') !== undefined) {
      if (++count > mostRequests)
        throw invalidInput(`${file} has more than ${mostRequests} requests`, { hint: 'export a part of it' })
      addItem(found, file, { item, path, auth: at(item, 'request', 'auth') ?? own })
    }
  }
  return [...found.values()]
}

function addItem(found: Map<string, Folder>, file: string, { item, path, auth }: Open): void {
  const name = textAt(item, 'name') || requestName(textAt(item, 'request', 'method') || 'get', '')
  const place = `${file}: ${[...path, name].join(' / ')}`
  const key = JSON.stringify(path.length === 0 ? [name, found.size] : path)
  const folder = found.get(key) ?? { name: path.length === 0 ? name : path.slice(-2).join(' '), items: [] }
  folder.items.push({ place, name, request: at(item, 'request'), auth, script: scriptOf(place, listAt(item, 'event')) })
  found.set(key, folder)
}

function notesOf(file: string, collection: unknown): string[] {
  const scripts = listAt(collection, 'event').filter((event) => listAt(event, 'script', 'exec').join('').trim() !== '')
  return scripts.map((event) => todo(file, textAt(event, 'listen'), 'a script of the whole collection'))
}
