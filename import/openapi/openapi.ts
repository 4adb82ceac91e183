import { at, textAt } from '../requests/bodies/json.ts'
import { isHeader } from '../requests/headers.ts'
import { type ImportedRequest, type Pair, type Text, textExpr } from '../requests/request.ts'
import { requestStmts } from '../requests/statement.ts'
import { requestName } from '../requests/tasks.ts'
import { type Stmt, burst, call, expression, member, method, num, self, str } from '../scenario/code.ts'
import type { Method, ScenarioModel, UserClass } from '../scenario/model.ts'
import { Names, className, memberName } from '../scenario/names.ts'
import { bodyOf } from './body.ts'
import { readDocument } from './document.ts'
import { type Operation, operationsOf } from './operations.ts'
import { parametersOf, routeOf } from './parameters.ts'
import { Schemes, type Security } from './security.ts'
import { type Server, noServer, ownServer, serverNotes, serversOf } from './servers.ts'
import { Spec, entriesAt, leave } from './spec.ts'

interface Options {
  /** The tags, operationIds and paths of the operations to translate. Default: all operations. */
  only?: readonly string[] | undefined
}

/**
 * Translates an OpenAPI 3 document to a scenario. The operations with the same first tag become a user class, and each operation becomes a task.
 * @throws BurstError (104) when the file is not an OpenAPI 3 document, when the document has no operation or more than 5000 operations, when an item
 * of `only` matches no operation, or when the scenario would be too large
 */
export function importOpenApi(file: string, text: string, { only = [] }: Options): ScenarioModel {
  const spec = new Spec(file, readDocument(file, text))
  const operations = operationsOf(spec, only)
  const servers = serversOf(spec)
  const writing: Writing = { schemes: new Schemes(spec), server: servers[0] ?? noServer }
  const names = new Names()
  const title = textAt(spec.root, 'info', 'title')
  const classes = byTag(operations).map(([tag, own]) => classOf(names.take(className(tag || title)), own, writing))
  return {
    about: [],
    top: [],
    classes,
    notes: [...serverNotes(spec, servers), ...writing.schemes.notes],
    options: writing.server.origin === '' ? [] : [{ key: 'host', value: str(writing.server.origin) }],
  }
}

interface Writing {
  schemes: Schemes
  /** The server that the document names first. */
  server: Server
}

function byTag(operations: readonly Operation[]): [string, Operation[]][] {
  const found = new Map<string, Operation[]>()
  for (const one of operations) {
    const own = found.get(one.tag)
    if (own) own.push(one)
    else found.set(one.tag, [one])
  }
  return [...found]
}

function classOf(name: string, operations: readonly Operation[], writing: Writing): UserClass {
  const secured = operations.map((one) => writing.schemes.of(one))
  const [first] = secured
  const isSame = new Set(secured.map((one) => JSON.stringify(one))).size === 1
  const shared = first?.isHeaders && isSame && operations.length > 1 ? first.headers : []
  const names = new Names(['onStart'])
  const tasks = operations.map((one, index): Method => {
    const security = secured[index] as Security
    return taskOf(one, { ...security, headers: shared.length > 0 ? [] : security.headers }, { ...writing, names })
  })
  return {
    name,
    statics: [],
    wait: call(burst('between'), num(1), num(3)),
    fields: [],
    methods: [...startOf(shared), ...tasks],
  }
}

function startOf(headers: readonly Pair[]): Method[] {
  const body = headers.map(({ name, value }): Stmt =>
    expression(method(member(member(self, 'http'), 'headers'), 'set', str(name), textExpr(value))),
  )
  return body.length === 0 ? [] : [{ name: 'onStart', params: [], async: true, body }]
}

function taskOf(one: Operation, security: Security, { names, server }: Writing & { names: Names }): Method {
  const request = requestOf(one, security, server)
  const byName = one.path.replaceAll(/\{([^{}]*)\}/g, ' by $1 ')
  const doc = (textAt(one.operation, 'summary') || textAt(one.operation, 'description')).split('\n')[0]?.trim() ?? ''
  const isOld = at(one.operation, 'deprecated') === true
  const sentences = [...(doc === '' ? [] : [doc]), ...(isOld ? ['Deprecated.'] : [])]
  return {
    name: names.take(memberName(one.id || requestName(one.method, byName))),
    params: [],
    async: true,
    body: requestStmts(request, { host: server.origin, names: new Names() }),
    task: { weight: num(1), tags: [] },
    ...(sentences.length > 0 && { doc: [sentences.join(' ')] }),
  }
}

function requestOf(one: Operation, security: Security, server: Server): ImportedRequest {
  const { reading, operation, method: verb } = one
  const parameters = parametersOf(one)
  const { origin, prefix } = ownServer(one) ?? server
  const sent = at(operation, 'requestBody') === undefined ? null : bodyOf(reading, at(operation, 'requestBody'))
  const headers = [...(sent?.headers ?? []), ...parameters.headers, ...security.headers, ...cookieHeader(security)]
  return {
    method: verb,
    url: [`${origin}/`],
    route: routeOf(prefix + one.path, parameters.path),
    query: [...parameters.query, ...security.query],
    headers: headers.filter(({ name, value }) => isSendable(one, name, value)),
    body: sent?.body ?? null,
    ...(security.auth && { auth: security.auth }),
    comments: reading.comments,
    expect: successesOf(one),
    extractions: [],
  }
}

function isSendable({ reading }: Operation, name: string, value: Text): boolean {
  const found = isHeader(name, value)
  if (!found) leave(reading, name, 'HTTP does not allow this header name or value')
  return found
}

function cookieHeader({ cookies }: Security): Pair[] {
  if (cookies.length === 0) return []
  const value = cookies.flatMap(({ name, value: own }, index) => [index === 0 ? `${name}=` : `; ${name}=`, ...own])
  return [{ name: 'cookie', value }]
}

/** Returns the 2xx statuses that the operation documents, in order. */
function successesOf({ operation }: Operation): number[] {
  const statuses = entriesAt(operation, 'responses').map(([status]) => status)
  return statuses
    .filter((status) => /^2\d\d$/.test(status))
    .map(Number)
    .toSorted((a, b) => a - b)
}
