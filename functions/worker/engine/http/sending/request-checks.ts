import type { RequestOptions } from '../../../../../core/authoring/requests/http.ts'
import { type Duration, durationMs } from '../../../../../core/duration.ts'
import { suggestedName } from '../../../../../core/closest-name.ts'
import { inWords } from '../../../../../core/values-in-words.ts'

/**
 * Checks the arguments of `this.http.get(…)` and similar methods, because not every scenario is type-checked. The checks run for each request, so
 * they are limited to what is necessary.
 */

const known: Record<keyof RequestOptions | 'params', true> = {
  params: true,
  query: true,
  json: true,
  form: true,
  multipart: true,
  arrays: true,
  body: true,
  headers: true,
  auth: true,
  timeout: true,
  name: true,
  redirects: true,
  connection: true,
}
const names = new Set(Object.keys(known))

/** Maps the names of options in Locust, k6, axios or fetch to burst's names. */
const instead = new Map([
  ['data', 'json, form or body'],
  ['payload', 'json, form or body'],
  ['files', 'multipart'],
  ['formdata', 'multipart'],
  ['paramsserializer', 'arrays'],
  ['arrayformat', 'arrays'],
  ['search', 'query'],
  ['qs', 'query'],
  ['searchparams', 'query'],
  ['allowredirects', 'redirects: 0'],
  ['maxredirects', 'redirects'],
  ['redirect', 'redirects: 0'],
  ['followredirects', 'redirects: 0'],
  ['catchresponse', '.expect(response => …), chained to the call'],
  ['responsecallback', '.expect(response => …), chained to the call'],
  ['cookies', 'headers: { cookie: … }'],
  ['tags', '@task(1, { tags: […] }) above the task'],
  ['contenttype', "headers: { 'content-type': … }"],
  ['method', 'request(method, route, options)'],
  ['keepalive', "connection: 'close'"],
  ['noconnectionreuse', "connection: 'close'"],
])

/**
 * Checks the route of a request. Returns it as a string.
 * @param caller the method that was called, such as `get`
 * @throws TypeError when the route is neither a string nor a URL, or when it begins with a scheme, but not with `http://` or `https://`
 */
export function checkedRoute(route: unknown, caller: string): string {
  if (typeof route === 'string' && route.startsWith('/')) return route
  const text = route instanceof URL ? route.href : route
  if (typeof text !== 'string') {
    throw new TypeError(`the route of http.${caller}() is ${inWords(route)}; it must be a string such as '/cart'`)
  }
  if (/^https?:\/\//i.test(text)) return text
  const scheme = schemeOf(text)
  if (scheme !== undefined) throw wrongScheme(scheme, caller)
  return text
}

/**
 * Returns the scheme of a URL (the part before the first colon), but at most its first 40 characters. Returns undefined if the text does not begin
 * with a scheme.
 */
function schemeOf(text: string): string | undefined {
  // Leading control characters and spaces are skipped, because URL parsers remove them (WHATWG URL §4.4).
  return /^[\0- ]*([a-z][a-z\d+.-]*):/i.exec(text)?.[1]?.slice(0, 40)
}

/**
 * Returns the error for a URL that does not begin with `http://` or `https://`. The message contains only the scheme, because the rest of the URL may
 * contain a password.
 */
function wrongScheme(scheme: string, caller: string): TypeError {
  const begins = `the route of http.${caller}() begins with '${scheme}:'`
  if (/^https?$/i.test(scheme)) return new TypeError(`${begins}; a URL begins with '${scheme.toLowerCase()}://'`)
  return new TypeError(
    `${begins}; it must be a path such as '/cart', or a URL that begins with 'http://' or 'https://'`,
  )
}

/**
 * Checks the names of the options.
 * @throws TypeError when the options of a request are not a plain object, or contain an unknown option
 */
export function checkRequestOptions(options: object): void {
  if (typeof options !== 'object' || options === null || !isPlainObject(options)) {
    throw new TypeError(
      `the options of a request are ${inWords(options)}; they must be an object, with the body as json, form, multipart or body`,
    )
  }
  // Only own properties are checked, because code of the scenario may have added properties to Object.prototype.
  for (const name of Object.keys(options)) if (!names.has(name)) throw unknownOption(name)
}

/** Returns whether the options are a plain object. A list, a form and bytes are not plain objects. */
function isPlainObject(options: object): boolean {
  return Object.prototype.toString.call(options) === '[object Object]'
}

function unknownOption(name: string): TypeError {
  const write = instead.get(name.toLowerCase().replaceAll(/[_-]/g, '')) ?? suggestedName(name, [...names])
  const list = [...names].join(', ')
  return new TypeError(
    `a request has no option '${name.slice(0, 60)}': ${write === undefined ? `it has ${list}` : `write ${write}`}`,
  )
}

/**
 * Checks the values of some options. Bodies, headers and the fields of `query` and `form` are checked when they are encoded.
 * @param route the parameters of the route
 * @throws TypeError that names the option
 */
export function checkValues(
  options: RequestOptions & { params?: unknown },
  route: { params: readonly string[] },
): void {
  const { params, redirects, auth, arrays, connection } = options
  if (params !== undefined) checkParams(params, route)
  if (redirects !== undefined) checkRedirects(redirects)
  if (auth !== undefined) checkAuth(auth)
  if (arrays !== undefined) checkArrays(arrays)
  if (connection !== undefined) checkConnection(connection)
}

function checkParams(params: unknown, route: { params: readonly string[] }): void {
  if (typeof params !== 'object' || params === null) {
    throw new TypeError(`params is ${inWords(params)}; it must be an object with the values of the route's parameters`)
  }
  if (route.params.length > 0) return
  const [first] = Object.keys(params)
  if (first === undefined) return
  throw new TypeError(
    `params is given, but the route has no parameter: write '/:${first.slice(0, 40)}' in the route, or use query to append values to the URL`,
  )
}

function checkRedirects(redirects: unknown): void {
  if (Number.isInteger(redirects) && (redirects as number) >= 0) return
  throw new TypeError(`redirects is ${inWords(redirects)}; it must be the number of redirects to follow, 0 for none`)
}

/**
 * Checks the name of a request.
 * @throws TypeError when the name is not a string, or is empty
 */
export function checkName(name: unknown): void {
  if (typeof name === 'string' && name !== '') return
  throw new TypeError(`name is ${inWords(name)}; it must be a string: the name that the report shows`)
}

function checkConnection(connection: unknown): void {
  if (connection === 'close' || connection === 'keep-alive') return
  throw new TypeError(`connection is ${inWords(connection)}; it must be 'close' or 'keep-alive'`)
}

function checkArrays(arrays: unknown): void {
  if (arrays === 'repeat' || arrays === 'brackets' || arrays === 'comma') return
  throw new TypeError(
    `arrays is ${inWords(arrays)}; it must be 'repeat' (a=1&a=2), 'brackets' (a[]=1&a[]=2) or 'comma' (a=1,2)`,
  )
}

function checkAuth(auth: unknown): void {
  if (typeof auth === 'string') return
  const { user, password, bearer } = typeof auth === 'object' && auth !== null ? (auth as Record<string, unknown>) : {}
  if (typeof bearer === 'string' || (typeof user === 'string' && typeof password === 'string')) return
  throw new TypeError(`auth must be { user, password }, { bearer } or a string`)
}

/**
 * Returns the timeout of a request in milliseconds.
 * @throws BurstError or TypeError when the timeout is not a duration, is 0, or is longer than a year
 */
export function checkedTimeoutMs(timeout: Duration): number {
  const ms = durationMs(timeout, 'timeout')
  if (ms > 0) return ms
  throw new TypeError(`timeout is ${inWords(timeout)}; it must be a duration of more than 0`)
}
