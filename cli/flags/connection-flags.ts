import { Option } from 'commander'
import { invalidInput } from '../../core/errors.ts'
import { oneProxy, parseResolve, proxiesOfEnvironment } from '../../core/hosts/network.ts'
import type { RunOptions } from '../../core/plan/options.ts'

/** The flags about connections, as typed. */
export interface ConnectionFlags {
  insecure?: boolean
  proxy?: string
  resolve?: string[]
}

/** Returns the flags for the connections to the target. */
export function connectionFlags(): Option[] {
  return [
    new Option('-k, --insecure', 'do not verify certificates; the report says so'),
    new Option(
      '--proxy <url>',
      'the HTTP proxy to the target; env: use HTTP_PROXY, HTTPS_PROXY and NO_PROXY; none: use no proxy, even if the scenario sets one',
    ),
    new Option(
      '--resolve <host:port:ip>',
      "use this address for a host, like curl's --resolve; may be repeated",
    ).argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]),
  ]
}

/**
 * Returns the options of the connections from the flags.
 * @param environment the source of the proxies for `--proxy env`
 * @throws BurstError (104) when a value is not valid. The error names the flag; with `--proxy env`, it names the environment variables. The hint says
 * what to change.
 */
export function connectionOptions(
  { insecure, proxy, resolve }: ConnectionFlags,
  environment: NodeJS.ProcessEnv = process.env,
): Partial<RunOptions> {
  return {
    ...(insecure && { insecure: true }),
    ...(proxy !== undefined && { proxy: proxyOf(proxy, environment) }),
    ...(resolve && { resolve: resolve.map(parseResolve) }),
  }
}

function proxyOf(typed: string, environment: NodeJS.ProcessEnv): NonNullable<RunOptions['proxy']> | null {
  if (typed === 'none') return null
  // An empty value often comes from an unset shell variable. burst refuses an empty value, because without this check the requests would not go
  // through the intended proxy.
  if (typed === '') throw invalidInput('--proxy is empty', { hint: "use the proxy's URL, or 'none'" })
  return typed === 'env' ? proxiesOfEnvironment(environment) : oneProxy(typed, '--proxy')
}
