import http from 'k6/http';
import { check, group, sleep, fail } from 'k6';
import { Counter, Rate, Trend } from 'k6/metrics';

const loginFailures = new Rate('login_failures');
const itemsSeen = new Counter('items_seen');
const cartTime = new Trend('cart_time', true);

export let options = {
  vus: 10,
  duration: '1m',
  thresholds: {
    'http_req_duration{name:cart}': ['p(95)<400'],
    'group_duration{group:::shop}': ['p(95)<3000'],
    login_failures: [{ threshold: 'rate<0.05', abortOnFail: true, delayAbortEval: '10s' }],
    cart_time: ['avg<300'],
    http_reqs: ['rate>5'],
  },
};

const BASE = 'https://shop.example.com/api';
const USERNAME = __ENV.USERNAME || 'ann@example.com';
const params = { headers: { 'Content-Type': 'application/json' }, timeout: '10s' };

export function setup() {
  const res = http.post(`${BASE}/session`, JSON.stringify({ user: USERNAME, password: __ENV.PASSWORD }), params);
  if (!check(res, { 'logged in': (r) => r.status === 200 || r.status === 201 })) {
    fail('cannot log in');
  }
  return { token: res.json('token') };
}

export default function (data) {
  const authorized = {
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${data.token}` },
  };

  group('shop', function () {
    let res = http.get(`${BASE}/items?page=1&size=20`, authorized);
    check(res, { 'items: 200': (r) => r.status === 200 });
    const items = res.json('items');
    itemsSeen.add(items.length);

    const item = items[0];
    res = http.get(`${BASE}/items/${item.id}`, authorized);
    check(res, { 'item: 200': (r) => r.status === 200, 'item has a name': (r) => r.json('name') !== undefined });

    res = http.post(`${BASE}/cart`, JSON.stringify({ product: item.id, count: 2 }), {
      ...authorized,
      tags: { name: 'cart' },
    });
    const ok = check(res, { 'in the cart': (r) => r.status === 201 });
    loginFailures.add(!ok);
    cartTime.add(res.timings.duration);
    if (!ok) {
      console.log(`cart answered ${res.status}`);
      return;
    }
    sleep(0.5);
  });

  sleep(1);
}

export function teardown(data) {
  http.del(`${BASE}/session`, null, { headers: { Authorization: `Bearer ${data.token}` } });
}

export function handleSummary(data) {
  return { 'summary.json': JSON.stringify(data) };
}
