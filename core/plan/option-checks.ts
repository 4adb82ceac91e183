import { invalidInput } from '../errors.ts'
import { withoutUserinfo } from '../hosts/userinfo.ts'
import { grouped } from '../words.ts'
import type { RunOptions } from './options.ts'

/** The maximum number of users, or pooled users, of one run. */
export const usersCap = 10_000_000

/**
 * Checks the values of the options.
 * @throws BurstError (104) that names the first option with an impossible value
 */
export function checkOptions(options: RunOptions): void {
  const whole = { '-u': options.users, '--workers': options.workers, '--users-per-worker': options.usersPerWorker }
  refuse(
    { ...whole, '--iterations': options.iterations },
    (value) => Number.isInteger(value) && value >= 1,
    'a whole number from 1 up',
  )
  const rates = { '-r': options.spawnRate, '--rate': options.rate, '-t': options.runTimeMs }
  refuse(rates, (value) => Number.isFinite(value) && value > 0, 'more than 0')
  refuse({ '--rate': options.rate }, (value) => value <= usersCap, `at most ${grouped(usersCap)} arrivals per second`)
  refuse({ '--interval': options.intervalMs }, (value) => Number.isFinite(value) && value > 0, 'more than 0')
  refuse({ '--stop-timeout': options.stopTimeoutMs }, (value) => value >= 0, '0 or more')
}

function refuse(options: Record<string, number | undefined>, unless: (value: number) => boolean, wanted: string): void {
  for (const [option, value] of Object.entries(options)) {
    if (value !== undefined && !unless(value)) throw badOption(option, value, wanted)
  }
}

function badOption(option: string, value: number, wanted: string): Error {
  return invalidInput(`${option} is ${value}`, { hint: `give ${wanted}` })
}

/**
 * Returns the URL of the service under load, without a slash at the end.
 * @throws BurstError (104) whose hint contains a valid URL
 */
export function checkedHost(host: string, at: string | undefined): string {
  const url = URL.parse(host)
  const complaint = host.trim() === '' ? 'there is no host' : complaintAbout(host, url)
  if (url && complaint === undefined) return url.href.replace(/\/+$/, '')
  const hint = `write ${suggestedHost(host)}, in the scenario or with -H`
  throw invalidInput(complaint ?? `host '${shortened(withoutUserinfo(host))}' is not a URL`, {
    hint,
    ...(at && { at }),
  })
}

function complaintAbout(host: string, url: URL | null): string | undefined {
  const shown = `host '${shortened(withoutUserinfo(host))}'`
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(host)) return `${shown} has no scheme`
  if (!url) return `${shown} is not a URL`
  if (!/^https?:$/.test(url.protocol)) return `${shown} does not begin with http:// or https://`
  if (url.port === '0') return `${shown} has port 0, to which no connection is possible`
  return url.search + url.hash === '' ? undefined : `${shown} has a query or fragment`
}

function suggestedHost(host: string): string {
  const bare = host
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/^[^/]*@/, '')
    .replace(/[?#].*$/, '')
  if (bare === '') return 'https://shop.example.com'
  const insecure = /^http:\/\//i.test(host.trim()) || /^(localhost|127\.|\[::1\]|[^/]*:\d)/.test(bare)
  const suggested = `${insecure ? 'http' : 'https'}://${shortened(bare)}`
  return URL.canParse(suggested) ? suggested : 'https://shop.example.com'
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
