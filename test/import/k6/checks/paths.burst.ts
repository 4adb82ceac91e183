import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'

const rows = rowsOf('./accounts.csv')

/** Returns the rows of a CSV file in which no value is in quotes. The first line of the file names the columns. */
function rowsOf(file: string): Record<string, any>[] {
  const [columns = [], ...rows] = readFileSync(join(import.meta.dirname, file), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])))
}

/** Sends a request that is not part of the load. */
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
}

class Api extends HttpUser {
  static weight = 5
  wait = constant(1)

  @task
  async api() {
    const account = rows[(this.index + 1) % rows.length]!
    const res = await this.http.get('/flights', { query: { name: account.email } }).check({
      'status is 200': (res) => res.status === 200,
      'has flights': (r) => r.json().flights.length > 0,
      'cheap one': (r) => r.json().flights.find((item: any) => item.id < 10)?.name === 'hat' && r.body.length > 10,
    })
    if (
      !(
        res.status === 200 &&
        res.json().flights.length > 0 &&
        res.json().flights.find((item: any) => item.id < 10)?.name === 'hat' &&
        res.body.length > 10
      )
    )
      this.record({ method: 'GAUGE', name: 'stock_level', ms: 0 })
    const names = res.json().flights.map((item: any) => item.name)
    const found = res.json().flights.find((item: any) => item.name === 'hat')?.url
    for (const name of names) {
      await this.http.get('/flights/:name', { params: { name } })
    }
    const links = (await this.http.get('/catalogue').html())
      .querySelectorAll('a')
      .map((a) => a.getAttribute('href') ?? '')
    const sign = createHmac('sha256', 'key').update(links.join(',')).digest('hex')
    const [first, ...others] = names
    await this.step('moved', async () => {
      await this.http.patch('/items', { json: { first, count: others.length, sign } }).check({
        moved: (moved) => moved.status === 200,
        found: () => found !== '' && this.data.token !== '',
      })
    })
    switch ('api' as string) {
      case 'api':
        await this.http.options('/api')
        break
      default:
        await this.http.head('/other')
    }
  }
}

class Ui extends HttpUser {
  @task
  async ui() {
    // TODO paths.js:57: browser.browser.newPage has no counterpart: const page = await browser.newPage();
    // TODO paths.js:58: await page.goto('https://paths.example.com/');
    // TODO paths.js:59: await page.close();
  }
}

export default scenario({
  host: 'https://paths.example.com',
  users: [Api, Ui],
  load: [ramp(6, '0s'), hold('1m')],
  beforeRun: async (run) => {
    const res = await send('POST', `${run.host}/session`, { form: { user: 'a' } })
    return { token: res.json().token, ids: res.json().items.map((item: any) => item.id) }
  },
})
