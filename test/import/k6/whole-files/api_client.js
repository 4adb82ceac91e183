import http from 'k6/http';
import { check, group, sleep } from 'k6';
import { Rate, Trend } from 'k6/metrics';
import { textSummary } from 'https://jslib.k6.io/k6-summary/0.0.2/index.js';

const errorRate = new Rate('errors');
const checkoutTime = new Trend('checkout_time', true);

export const options = {
  scenarios: {
    browse: { executor: 'ramping-vus', startVUs: 0, stages: [{ duration: '10s', target: 5 }, { duration: '20s', target: 5 }], exec: 'browse', gracefulRampDown: '5s' },
    buy: { executor: 'constant-vus', vus: 2, duration: '30s', exec: 'buy', startTime: '5s', tags: { flow: 'buy' } },
  },
  thresholds: {
    errors: ['rate<0.05'],
    'http_req_duration{name:Checkout}': ['p(95)<800'],
    'http_req_failed{scenario:buy}': ['rate<0.01'],
    checkout_time: ['avg<1000', 'p(99)<2000'],
  },
};

const BASE_URL = __ENV.BASE_URL || 'https://shop.example.com';

class ApiClient {
  constructor(baseUrl, token = null) {
    this.baseUrl = baseUrl;
    this.token = token;
    this.calls = 0;
  }

  get headers() {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    return headers;
  }

  login(username, password) {
    const res = http.post(`${this.baseUrl}/session`, JSON.stringify({ username, password }), { headers: this.headers, tags: { name: 'Login' } });
    this.calls += 1;
    const ok = check(res, { 'logged in': (r) => r.status === 201 && r.json('token') !== '' });
    errorRate.add(!ok);
    if (ok) this.token = res.json('token');
    return ok;
  }

  products(page = 1) {
    this.calls++;
    const res = http.get(`${this.baseUrl}/items?page=${page}`, { headers: this.headers });
    check(res, { 'products listed': (r) => r.status === 200 }) || errorRate.add(1);
    return res.json();
  }

  checkout(items) {
    const started = Date.now();
    const res = http.post(`${this.baseUrl}/cart`, JSON.stringify({ items: items.map((item) => item.id) }), { headers: this.headers, tags: { name: 'Checkout' } });
    checkoutTime.add(Date.now() - started);
    return res;
  }

  static fromEnv() {
    return new ApiClient(BASE_URL, __ENV.TOKEN || null);
  }
}

export function setup() {
  const res = http.get(`${BASE_URL}/health`);
  if (res.status !== 200) throw new Error(`the service is not ready: ${res.status}`);
  return { started: new Date().toISOString() };
}

export function browse(data) {
  const client = ApiClient.fromEnv();
  group('Catalogue', () => {
    const items = client.products(1 + Math.floor(Math.random() * 3));
    for (const { id, name } of items.slice(0, 2)) {
      const res = http.get(`${BASE_URL}/items/${id}`, { headers: client.headers });
      check(res, { [`${name} has a name`]: (r) => r.json('name') === name });
    }
  });
  sleep(Math.random() * 2 + 1);
}

export function buy() {
  const client = new ApiClient(BASE_URL);
  if (!client.login(`user${__VU}`, 'secret')) return;
  const items = client.products();
  const res = client.checkout(items);
  check(res, { 'bought': (r) => r.status === 201 });
  console.log(`${client.calls} calls`);
  sleep(1);
}

export function handleSummary(data) {
  return { stdout: textSummary(data, { indent: ' ' }), 'summary.json': JSON.stringify(data) };
}
