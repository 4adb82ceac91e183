import { type Operation, graphqlArguments, operationIn, operationName } from '../../requests/bodies/graphql.ts'
import { type Text, plainText } from '../../requests/request.ts'
import { targetOf } from '../../requests/url.ts'
import {
  type Entry,
  type Expr,
  awaited,
  call,
  id,
  member,
  method,
  num,
  object,
  self,
  snippet,
  str,
  template,
} from '../../scenario/code.ts'
import { type Frame, apiOf, note, translate } from '../frame.ts'
import { numberOf } from '../syntax.ts'
import { addressOf } from './address.ts'
import { type Part, partNamed } from './objects.ts'
import { computedName, optionsOf, paramsOf, redirectsOf, tagName, tagsOf } from './params.ts'
import { urlParts, withoutOrigin } from './url.ts'
import type { Wanted } from './wanted.ts'

const verbs = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

/** In a hook, returns `await send(…)`. In all other code, returns `this.http.get(…)` without `await`. */
export function pendingRequest(wanted: Wanted, frame: Frame): Expr {
  const { url, isKnown } = urlParts(wanted.url, frame)
  const parts = paramsOf(wanted.params, frame)
  if (frame.mode === 'hook') return hookRequest(wanted, parts, { frame, url, isKnown })
  const { address, params, query, fact } = addressOf(url, isKnown)
  const name = tagName(parts, wanted.verb)
  const computed = computedName(parts, frame)
  const options = [
    ...(params.length > 0 ? [{ key: 'params', value: object(params) }] : []),
    ...(query.length > 0 ? [{ key: 'query', value: object(query) }] : []),
    ...optionsOf(wanted, parts, frame),
    ...(name !== null && name !== fact.route ? [{ key: 'name', value: str(name) }] : []),
    ...(computed ? [{ key: 'name', value: computed }] : []),
    ...(fact.login === null ? [] : [loginEntry(fact.login)]),
    ...redirectsOf(parts, frame),
  ]
  frame.module.facts.push({
    method: wanted.verb,
    tags: tagsOf(parts, frame),
    group: frame.group,
    origin: fact.origin,
    settle: fact.settle,
    nameFor: (host) => name ?? (fact.origin === '' || fact.origin === host ? fact.route : fact.origin + fact.route),
  })
  const operation = params.length === 0 ? graphqlOf(wanted, options) : null
  if (operation) return expected(graphqlRequest(operation, { address, options, frame }), parts, frame)
  const pending = callOf(wanted, [address, ...(options.length > 0 ? [object(options)] : [])], frame)
  return expected(pending, parts, frame)
}

/** Returns the operation of a POST with a GraphQL body. */
function graphqlOf({ verb }: Wanted, options: readonly Entry[]): Operation | null {
  const json = options.find((entry) => 'key' in entry && entry.key === 'json')
  return verb === 'POST' && json && 'value' in json ? operationIn(json.value) : null
}

interface GraphqlPlace {
  address: Expr
  options: readonly Entry[]
  frame: Frame
}

/** Returns `this.http.graphql(…)`. The arguments are written again when the host of the scenario is known, because the URL depends on the host. */
function graphqlRequest(operation: Operation, { address, options, frame }: GraphqlPlace): Expr {
  const more = options.filter((entry) => !('key' in entry && entry.key === 'json'))
  const args: Expr[] = [...graphqlArguments(operation, address, more)]
  const fact = frame.module.facts.at(-1)
  if (fact) {
    const [settle, nameFor] = [fact.settle.bind(fact), fact.nameFor.bind(fact)]
    const [named] = options.flatMap((entry) => ('key' in entry && entry.key === 'name' ? [entry.value] : []))
    fact.settle = (host) => {
      settle(host)
      args.splice(0, args.length, ...graphqlArguments(operation, address, more))
    }
    fact.nameFor = (host) => (named ? nameFor(host) : `${nameFor(host)} ${operationName(operation)}`)
  }
  return { k: 'call', of: member(member(self, 'http'), 'graphql'), args }
}

function callOf(wanted: Wanted, args: readonly Expr[], frame: Frame): Expr {
  const http = member(self, 'http')
  if (verbs.has(wanted.verb)) return method(http, wanted.verb.toLowerCase(), ...args)
  const name = wanted.verb === '' && wanted.method ? translate(wanted.method, frame) : str(wanted.verb)
  return method(http, 'request', name, ...args)
}

function loginEntry(login: string): Entry {
  const [user = '', ...password] = login.split(':').map(decodeLogin)
  const value = object([
    { key: 'user', value: str(user) },
    { key: 'password', value: str(password.join(':')) },
  ])
  return { key: 'auth', value }
}

function decodeLogin(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // The text is not valid percent-encoding, so it stays unchanged.
    return text
  }
}

/** Translates the parameter `responseCallback: http.expectedStatuses(200, 404)` to an expectation. */
function expected(pending: Expr, parts: readonly Part[], frame: Frame): Expr {
  const node = partNamed(parts, 'responseCallback')
  if (node?.type !== 'CallExpression' || apiOf(node.callee, frame) !== 'k6/http.expectedStatuses') return pending
  const statuses = node.arguments.map((one) => numberOf(one)).filter((one) => one !== null)
  if (statuses.length !== node.arguments.length || statuses.length === 0) {
    note(node, frame, 'ranges of statuses are not translated')
    return pending
  }
  const [only = 200] = statuses
  return method(pending, 'expect', statuses.length === 1 ? num(only) : { k: 'array', items: statuses.map(num) })
}

/** Translates a request in `setup` or `teardown`, which run without a user. The request is sent with `fetch`. */
function hookRequest(
  wanted: Wanted,
  parts: readonly Part[],
  { frame, url, isKnown }: { frame: Frame; url: Text; isKnown: boolean },
): Expr {
  const target = isKnown ? targetOf(url) : null
  const address: { k: 'template'; parts: readonly (string | Expr)[] } = { k: 'template', parts: url }
  frame.module.facts.push({
    method: '',
    tags: new Map(),
    group: null,
    origin: target?.origin ?? '',
    settle(host) {
      if (target && (target.origin === '' || target.origin === host)) {
        const rest = withoutOrigin(url, target.origin)
        address.parts = [member(id('run'), 'host'), ...rest]
      } else if (plainText(url) !== null) Object.assign(address, { k: 'str', value: plainText(url) ?? '' })
      else Object.assign(address, template(url))
    },
    nameFor: () => '',
  })
  const verb = wanted.verb === '' && wanted.method ? translate(wanted.method, frame) : str(wanted.verb)
  const known = new Set(['json', 'form', 'body', 'headers'])
  const all = optionsOf(wanted, parts, frame)
  const options = all.filter((entry) => 'key' in entry && known.has(entry.key))
  for (const entry of all)
    if ('key' in entry && !known.has(entry.key))
      note(wanted.url, frame, `the parameter ${entry.key} of a request in setup or teardown is not translated`)
  return awaited(call(snippet('send'), verb, address, ...(options.length > 0 ? [object(options)] : [])))
}
