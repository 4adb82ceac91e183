import { HttpUser, between, scenario, task } from 'burst'

const queries = ['shoes size {size}', 'red {size} hat']
const greetings = ['Hello {}', '{0}, your order {order} is ready', '{{draft}} {0}']

/** Formats a date in UTC. The format contains directives of strftime in Python. */
function dateText(date: Date, format: string): string {
  const iso = date.toISOString()
  const named = (options: Intl.DateTimeFormatOptions) => date.toLocaleString('en', { ...options, timeZone: 'UTC' })
  const day = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000
  const parts: Record<string, string> = {
    Y: iso.slice(0, 4),
    y: iso.slice(2, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    f: `${iso.slice(20, 23)}000`,
    I: String(date.getUTCHours() % 12 || 12).padStart(2, '0'),
    p: date.getUTCHours() < 12 ? 'AM' : 'PM',
    a: named({ weekday: 'short' }),
    A: named({ weekday: 'long' }),
    b: named({ month: 'short' }),
    B: named({ month: 'long' }),
    j: String(Math.trunc(day)).padStart(3, '0'),
    '%': '%',
  }
  return format.replaceAll(/%(.)/g, (_, part: string) => parts[part] ?? '')
}

/** Inserts values into a text with {} or {name}, like format in Python. */
function formatText(text: string, values: readonly unknown[] | Readonly<Record<string, unknown>>): string {
  const known = new Map(Object.entries(values))
  let next = 0
  return text.replaceAll(/{{|}}|{([^{}]*)}/g, (whole, name?: string) => {
    if (name === undefined) return whole.slice(1)
    const key = name || String(next++)
    if (!known.has(key)) throw new Error(`there is no value for {${key}}`)
    return String(known.get(key))
  })
}

/** Returns the local time of a date in the format of toISOString, but without a time zone. */
function localIso(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 23)
}

/** Shifts a date so that dateText, which uses UTC, shows the local time. */
function localTime(date: Date): Date {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
}

class Shopper extends HttpUser {
  wait = between('1s', '2s')

  @task(3)
  async search() {
    const query = formatText(this.random.pick(queries), { size: this.random.int(30, 46) })
    await this.http.get('/search', { query: { q: query } })
  }

  @task
  async write() {
    const names = { order: 7 }
    await this.http.post('/notes', {
      json: {
        text: formatText(this.random.pick(greetings), { '0': 'Ann', order: 7 }),
        plain: formatText(this.random.pick(['Hi {}', 'Bye {}']), ['Ann']),
        named: formatText(this.random.pick(['Order {order}']), { ...names }),
      },
    })
  }

  @task
  async plan() {
    const started = new Date()
    const nowUtc = new Date()
    // TODO texts_times.py:48: only local time and UTC are translated: datetime.now(ZoneInfo("Europe/Berlin")).isoformat()
    await this.http.post('/bookings', {
      json: {
        at: localIso(started),
        utc: nowUtc.toISOString().slice(0, 23),
        aware: new Date().toISOString(),
        header: `${nowUtc.toISOString().slice(0, 19)}Z`,
        day: localIso(started).slice(0, 10),
        hour: started.getHours(),
        utcHour: nowUtc.getUTCHours(),
        today: localIso(new Date()).slice(0, 10),
        tomorrow: dateText(localTime(new Date(started.getTime() + 86400000)), '%d/%m/%Y %H:%M'),
        clock: localIso(new Date()).slice(11, 19),
        gmt: new Date().toISOString().slice(11, 19),
        local: localIso(new Date()).slice(11, 16),
        label: `${dateText(localTime(new Date()), '%d.%m.%Y')}`,
        berlin: 'TODO',
        stamp: Math.trunc(started.getTime() / 1000),
        millis: Date.now(),
        clockMillis: Math.trunc(performance.now()),
        share: Math.trunc((queries.length / 7) * 1000),
      },
    })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Shopper],
})
