import type { IncomingMessage, ServerResponse } from 'node:http'

/** A request for one of the routes. */
export interface Call {
  /** The path parameters. The key is the name of the parameter: `run` for `:run`. */
  parts: Record<string, string>
  /** The JSON in the body of a POST, not yet checked; undefined for a GET. */
  body: unknown
  request: IncomingMessage
  response: ServerResponse
}

/** One call of the page's API, such as `POST /api/runs/:run/stop`. */
export interface Route {
  method: 'GET' | 'POST'
  /** The path of the route. A part such as `:run` matches letters, digits, dots, dashes and underscores, but not a text that begins with a dot. */
  path: string
  answer(call: Call): Promise<void> | void
}

/** Returns the first route that matches a request, with the path parameters; undefined if no route matches. */
export function callFor(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; call: Pick<Call, 'parts'> } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue
    const parts = matched(route.path.split('/'), path.split('/'))
    if (parts) return { route, call: { parts } }
  }
  return undefined
}

function matched(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined
  const parts: Record<string, string> = {}
  for (const [k, wanted] of pattern.entries()) {
    const given = path[k] ?? ''
    if (!wanted.startsWith(':')) {
      if (wanted !== given) return undefined
    } else {
      if (!/^[\w-][\w.-]*$/.test(given)) return undefined
      parts[wanted.slice(1)] = given
    }
  }
  return parts
}
