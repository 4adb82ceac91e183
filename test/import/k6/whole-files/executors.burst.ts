import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'

const csvData = rowsOf('./staff.csv')
const ids = JSON.parse(readFileSync(join(import.meta.dirname, './item_ids.json'), 'utf8'))

/** Records each check as a sample, because the checks do not belong to a request. Returns true if all checks hold. */
function checkAll<T>(user: HttpUser, value: T, checks: Readonly<Record<string, (value: T) => boolean>>): boolean {
  const results = Object.entries(checks).map(([name, holds]) => ({ name, isHeld: holds(value) }))
  for (const { name, isHeld } of results) {
    user.record({ method: 'CHECK', name, ms: 0, error: isHeld ? null : 'does not hold' })
  }
  return results.every(({ isHeld }) => isHeld)
}

/** Returns the rows of a CSV file in which no value is in quotes. The first line of the file names the columns. */
function rowsOf(file: string): Record<string, any>[] {
  const [columns = [], ...rows] = readFileSync(join(import.meta.dirname, file), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])))
}

abstract class AnyVisitor extends HttpUser {
  iteration = -1
}

class Browse extends AnyVisitor {
  wait = constant(1)

  @task
  async browse() {
    this.iteration++
    const user = csvData[(this.index + 1) % csvData.length]!
    const other = csvData[(this.index + 1 - 1) % csvData.length]!
    // TODO executors.js:45: in burst, each user counts its own iterations, so this number is not unique in the run: const id = ids[exec.scenario.iterationInTest % id…
    const id = ids[this.iteration % ids.length]!
    await this.http.get('/users/:name', {
      params: { name: user.name },
      query: { vu: this.index + 1, it: this.iteration, sc: this.iteration },
    })
    // TODO executors.js:47: execution.scenario.name has no counterpart: http.get(`https://shop.example.com/things/${id}?by=${other.name}&n=${exec.scenario.name}&p=${…
    await this.http.get('/things/:id', {
      params: { id },
      query: { by: other.name, n: 'TODO' as any, p: 'TODO' as any },
    })
    // TODO executors.js:48: execution.vu.tags has no counterpart: exec.vu.tags['user'] = user.name;
    // TODO executors.js:49: execution.instance.vusActive has no counterpart: if (exec.instance.vusActive > 5) exec.test.abort('enough');
  }
}

class Ramping extends AnyVisitor {
  @task
  async ramping() {
    this.iteration++
    const responses = await Promise.all(
      ids.map((id: any) =>
        this.http
          .get('/things/:id', { params: { id }, name: 'thing' })
          .check('status is below 400', (response) => response.ok),
      ),
    )
    responses.forEach((res) => checkAll(this, res, { 'is 200': (r) => r.status === 200 }))
    const requests: any[] = []
    for (const id of ids) {
      requests.push(this.http.post('/likes', { json: { id } }).check('status is below 400', (response) => response.ok))
    }
    const done = await Promise.all(requests)
    checkAll(this, done[0]!, { 'first is 201': (r) => r.status === 201 })
    await Promise.all([this.http.get('/a'), this.http.get('/b')])
    for (let i = 0; i < done.length; i++) {
      checkAll(this, done[i]!, { ok: (r) => r.status < 400 })
    }
  }
}

class Orders extends AnyVisitor {
  static weight = 0

  @task
  async orders() {
    this.iteration++
    await this.http
      .post('/orders', {
        json: { vu: this.index + 1, iter: this.iteration, kind: this.vars.KIND ?? '' },
        name: 'order',
      })
      .check('created', (r) => r.status === 201)
  }
}

// TODO executors.js:17: pass --iterations 20 to burst run; the number applies to each user: shared: { executor: 'shared-iterations', vus: 10, iterations: 200, ma…
// TODO executors.js:18: pass --iterations 20 to burst run; the number applies to each user: per_vu: { executor: 'per-vu-iterations', vus: 5, iterations: 20, maxD…
// TODO executors.js:21: env is not translated: set its variables with --var: rate: { executor: 'constant-arrival-rate', duration: '30s', rate: 30, timeUnit: '1s'…
// TODO executors.js:23: the scenario manual is not translated: manual: { executor: 'externally-controlled', vus: 10, maxVUs: 50, duration: '10m', exec: 'browse' …
// TODO executors.js:21: the load of the scenario rate is left out, because one run cannot mix users and arrivals: rate: { executor: 'constant-arrival-rate', dura…
// TODO executors.js:22: the load of the scenario ramping_rate is left out, because one run cannot mix users and arrivals: ramping_rate: { executor: 'ramping-arri…
// TODO executors.js:29: the threshold of http_req_duration{scenario:rate} has no counterpart: 'http_req_duration{scenario:rate}': ['p(90)<400'],
// TODO executors.js:30: the threshold of http_req_duration{status:200} has no counterpart: 'http_req_duration{status:200}': ['max>=0'],
// TODO executors.js:32: the threshold of checks{kind:login} has no counterpart: 'checks{kind:login}': ['rate==1'],
// TODO executors.js:33: the threshold of iterations has no counterpart: iterations: ['count>100', 'rate>10'],
// TODO executors.js:34: the threshold of iteration_duration has no counterpart: iteration_duration: ['p(95)<3000'],
// TODO executors.js:36: the threshold of data_received has no counterpart: data_received: ['count<1000000'],
// TODO executors.js:37: the threshold of vus has no counterpart: vus: ['value<100'],
// TODO executors.js:38: the threshold of dropped_iterations has no counterpart: dropped_iterations: ['count<10'],
// TODO executors.js:77: burst always writes report.html, report.json, junit.xml and CSV files: export function handleSummary(data) {
export default scenario({
  host: 'https://shop.example.com',
  users: [Browse, Ramping, Orders],
  load: [ramp(20, '0s'), ramp(30, '20s'), ramp(20, '10s'), ramp(15, '0s'), hold('30s'), ramp(5, '0s'), hold('30s')],
  thresholds: [
    'errors < 1%',
    'p95 < 500ms',
    'p99.9 < 2s',
    'avg < 200ms',
    'max < 5s',
    'p50 < 150ms',
    'POST order: p95 < 800ms',
    'CHECK is 200: errors < 10%',
    'CHECK first is 201: errors < 10%',
    'CHECK ok: errors < 10%',
    'check:created: errors < 10%',
    'rps > 50',
  ],
  abortOn: [{ threshold: 'POST order: p95 < 800ms', over: '10s' }],
})
