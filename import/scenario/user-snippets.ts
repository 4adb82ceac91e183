import type { Snippet } from './snippet.ts'

/** The snippets that work with users, requests and responses. */
export const userSnippets: Readonly<Record<string, Snippet>> = {
  cookieJar: {
    text: `/** The cookies that the script sets for a user. The header with these cookies replaces the cookies that servers set. */
function cookieJar({ http }: HttpUser) {
  const cookies = () => new Map((http.headers.get('cookie') ?? '').split('; ').filter(Boolean).map(pairOf))
  const pairOf = (text: string): [string, string] => [text.split('=')[0]!, text.slice(text.indexOf('=') + 1)]
  const send = (all: Map<string, string>) =>
    http.headers.set('cookie', [...all].map(([name, value]) => \`\${name}=\${value}\`).join('; ') || null)
  return {
    set: (_url: string, name: string, value: unknown, _options?: object) => send(cookies().set(name, String(value))),
    cookiesForURL: (_url: string): Record<string, string[]> =>
      Object.fromEntries([...cookies()].map(([name, value]) => [name, [value]])),
    delete: (_url: string, name: string) => send(new Map([...cookies()].filter(([other]) => other !== name))),
    clear: (_url?: string) => http.headers.delete('cookie'),
  }
}`,
    types: ['HttpUser'],
  },
  metricOf: {
    text: `/** A metric that records samples of a user. By default, a rate counts values other than 0 and false as failures. */
function metricOf(user: HttpUser, method: string, name: string, isSuccess = false) {
  const add = (value: any, _tags?: object): void => {
    const ms = method === 'TREND' || method === 'GAUGE' ? Number(value) : 0
    const error = method === 'RATE' && Boolean(value) !== isSuccess ? 'counted' : null
    const times = method === 'COUNTER' ? Number(value) : 1
    for (let left = times; left >= 1; left--) user.record({ method, name, ms, error })
  }
  return { name, add }
}`,
    types: ['HttpUser'],
  },
  untranslated: {
    text: `/** Replaces a value that has no counterpart. Its members and the results of its calls are this same value. */
const untranslated: any = new Proxy(function () {}, {
  get: (_, key) => (key === 'then' ? undefined : key === Symbol.toPrimitive ? () => 'TODO' : untranslated),
  apply: () => untranslated,
})`,
  },
  checkAll: {
    text: `/** Records each check as a sample, because the checks do not belong to a request. Returns true if all checks hold. */
function checkAll<T>(user: HttpUser, value: T, checks: Readonly<Record<string, (value: T) => boolean>>): boolean {
  const results = Object.entries(checks).map(([name, holds]) => ({ name, isHeld: holds(value) }))
  for (const { name, isHeld } of results) {
    user.record({ method: 'CHECK', name, ms: 0, error: isHeld ? null : 'does not hold' })
  }
  return results.every(({ isHeld }) => isHeld)
}`,
    types: ['HttpUser'],
  },
  countUp: {
    text: `/** Records the given number of samples. */
function countUp(user: HttpUser, name: string, amount: number | boolean): void {
  for (let left = Number(amount); left >= 1; left--) user.record({ method: 'COUNTER', name, ms: 0 })
}`,
    types: ['HttpUser'],
  },
  headerLines: {
    text: `/** Returns the headers of a response, one per line. */
function headerLines({ headers }: Response): string {
  return [...headers.entries()].map(([name, value]) => \`\${name}: \${value}\`).join('\\n')
}`,
    types: ['Response'],
  },
  formOf: {
    text: `/** Returns a multipart body with these fields. */
function formOf(fields: Readonly<Record<string, unknown>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Blob) form.append(name, value)
    else form.append(name, String(value))
  }
  return form
}`,
  },
  send: {
    text: `/** Sends a request that is not part of the load. */
async function send(
  method: string,
  url: string,
  options: { json?: unknown; form?: object; body?: any; headers?: object; timeoutMs?: number } = {},
) {
  const { json, form, body, headers = {}, timeoutMs } = options
  const fields = form && new URLSearchParams(Object.entries(form).map(([name, value]) => [name, String(value)]))
  const response = await fetch(url, {
    method,
    body: json === undefined ? (fields ?? body) : JSON.stringify(json),
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    signal: timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs),
  })
  const text = await response.text()
  return {
    ok: response.ok,
    status: response.status,
    headers: response.headers,
    body: text,
    json: () => JSON.parse(text),
  }
}`,
  },
}
