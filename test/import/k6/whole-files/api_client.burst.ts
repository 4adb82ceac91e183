import { HttpUser, between, constant, hold, ramp, scenario, task } from 'burst'

// TODO api_client.js:24: class ApiClient {
// TODO api_client.js:38: this request is not sent: const res = http.post(`${this.baseUrl}/session`, JSON.stringify({ username, password }), { headers: this.heade…
// TODO api_client.js:48: this request is not sent: const res = http.get(`${this.baseUrl}/items?page=${page}`, { headers: this.headers });
// TODO api_client.js:55: this request is not sent: const res = http.post(`${this.baseUrl}/cart`, JSON.stringify({ items: items.map((item) => item.id) }), { heade…

/** Sends a request that is not part of the load. */
async function send(
  method: string,
  url: string,
  { json, form, body, headers = {} }: { json?: unknown; form?: object; body?: any; headers?: object } = {},
) {
  const fields = form && new URLSearchParams(Object.entries(form).map(([name, value]) => [name, String(value)]))
  const response = await fetch(url, {
    method,
    body: json === undefined ? (fields ?? body) : JSON.stringify(json),
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
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

class Browse extends HttpUser {
  static weight = 5
  wait = between(1, 3)

  @task
  async browse() {
    // TODO api_client.js:72: ApiClient is not known: const client = ApiClient.fromEnv();
    await this.step('Catalogue', async () => {
      // TODO api_client.js:74: const items = client.products(1 + Math.floor(Math.random() * 3));
      // TODO api_client.js:75: for (const { id, name } of items.slice(0, 2)) {
      // TODO api_client.js:76: this request is not sent: const res = http.get(`${BASE_URL}/items/${id}`, { headers: client.headers });
    })
  }
}

class Buy extends HttpUser {
  static weight = 2
  wait = constant(1)

  @task(1, { tags: ['buy'] })
  async buy() {
    // TODO api_client.js:84: ApiClient is not known: const client = new ApiClient(BASE_URL);
    // TODO api_client.js:85: if (!client.login(`user${__VU}`, 'secret')) return;
    // TODO api_client.js:86: const items = client.products();
    // TODO api_client.js:87: const res = client.checkout(items);
    // TODO api_client.js:88: check(res, { 'bought': (r) => r.status === 201 });
    // TODO api_client.js:89: console.log(`${client.calls} calls`);
  }
}

// TODO api_client.js:16: the threshold of http_req_duration{name:Checkout} has no counterpart: 'http_req_duration{name:Checkout}': ['p(95)<800'],
// TODO api_client.js:93: burst always writes report.html, report.json, junit.xml and CSV files: export function handleSummary(data) {
export default scenario({
  host: 'https://shop.example.com',
  users: [Browse, Buy],
  load: [ramp(2.5, '5s'), ramp(4.5, '0s'), ramp(7, '5s'), hold('20s'), ramp(2, '0s'), hold('5s')],
  thresholds: [
    'RATE errors: errors < 5%',
    'tag:buy: errors < 1%',
    'TREND checkout_time: avg < 1s',
    'TREND checkout_time: p99 < 2s',
  ],
  beforeRun: async (run) => {
    const res = await send('GET', `${run.host}/health`)
    if (res.status !== 200) throw new Error(`the service is not ready: ${res.status}`)
    return { started: new Date().toISOString() }
  },
})
