import http from 'k6/http'
import { check, fail, sleep } from 'k6'
import { Trend } from 'k6/metrics'
import { randomIntBetween, randomItem, uuidv4 } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js'
import { htmlReport } from 'https://raw.githubusercontent.com/benc-uk/k6-reporter/main/dist/bundle.js'

const config = JSON.parse(open('./endpoints.json'))
const env = config[__ENV.ENVIRONMENT || 'staging']
const durations = {}
for (const endpoint of config.endpoints) durations[endpoint.name] = new Trend(`duration_${endpoint.name}`, true)

export let options = {
  scenarios: {
    spike: {
      executor: 'ramping-arrival-rate', startRate: 5, timeUnit: '1s', preAllocatedVUs: 20, maxVUs: 100,
      stages: [{ target: 5, duration: '30s' }, { target: 50, duration: '10s' }, { target: 5, duration: '30s' }],
    },
  },
  thresholds: { http_req_failed: [{ threshold: 'rate<0.1', abortOnFail: true, delayAbortEval: '10s' }] },
  userAgent: 'spike/1.0',
  insecureSkipTLSVerify: true,
}

let session = null
const cache = new Map()

function authHeaders() {
  if (!session || session.expires < Date.now()) {
    const res = http.post(env.url + '/session', { client: env.client, nonce: uuidv4() })
    if (!check(res, { 'got a session': r => r.status == 201 })) fail('no session: ' + res.status + ' ' + res.body)
    session = { token: res.json().token, expires: Date.now() + 60 * 1000 }
  }
  return { headers: { Authorization: 'Bearer ' + session.token } }
}

export default function () {
  const endpoint = randomItem(config.endpoints)
  const id = randomIntBetween(1, 100)
  const url = env.url + endpoint.path.replace('{id}', id)
  let res
  try {
    res = http.request(endpoint.method, url, endpoint.body ? JSON.stringify(endpoint.body) : null, Object.assign({ tags: { name: endpoint.name } }, authHeaders()))
    durations[endpoint.name].add(res.timings.duration)
    if (res.status >= 500) throw new Error('server error ' + res.status)
  } catch (e) {
    console.error(`${endpoint.name}: ${e.message}`)
    return
  }
  if (!cache.has(endpoint.name)) cache.set(endpoint.name, [])
  cache.get(endpoint.name).push(res.status)
  const statuses = [...cache.values()].flat().reduce((all, s) => ({ ...all, [s]: (all[s] || 0) + 1 }), {})
  check(statuses, { 'no 500': s => !s['500'] })
  sleep(randomIntBetween(1, 3) / 10)
}

export function handleSummary(data) {
  return { 'report.html': htmlReport(data) }
}
