import http from 'k6/http';
import { check, sleep } from 'k6';
import exec, { instance } from 'k6/execution';
import { createHMAC, randomBytes } from 'k6/crypto';
import { Rate } from 'k6/metrics';

const errors = new Rate('my_errors');
const BASE = 'https://shop.example.com';
const ENDPOINTS = {
  list: { path: '/things', weight: 6 },
  create: { path: '/things', weight: 3, body: (n) => ({ name: `thing ${n}` }) },
};

function pick() {
  let left = Math.random() * 9;
  for (const [name, endpoint] of Object.entries(ENDPOINTS)) {
    left -= endpoint.weight;
    if (left <= 0) return [name, endpoint];
  }
  return ['list', ENDPOINTS.list];
}

function* numbers(last) {
  for (let page = 1; page <= last; page++) yield page;
}

function* items() {
  for (const page of numbers(2)) {
    yield* http.get(`${BASE}/flights?page=${page}`).json().items;
  }
}

export default async function () {
  const jar = http.cookieJar();
  jar.set(BASE, 'consent', 'yes');
  for (const item of items()) {
    http.get(`${BASE}/items/${item.id}`);
  }
  const [a, b] = await Promise.all([
    http.asyncRequest('POST', `${BASE}/pizza`, JSON.stringify({ max: 3 }), { headers: { 'Content-Type': 'application/json' } }),
    http.asyncRequest('GET', `${BASE}/names`),
  ]);
  check(a, { pizza: (r) => r.json().name.length > 0 });
  check(b, { names: (r) => r.json('items.#') > 0 });
  if (b.cookies.session) {
    console.log('has a session');
  }

  const [name, { path, body }] = pick();
  const payload = body ? JSON.stringify(body(__ITER)) : null;
  const res = http.post(`${BASE}${path}`, payload, { headers: { accept: 'application/json' }, cookies: { lang: 'en' } });
  const passed = check(res, { 'status 2xx': ({ status }) => status >= 200 && status < 300 });
  errors.add(!passed);

  const h = createHMAC('sha256', 'key');
  h.update(name);
  http.put(`${BASE}/raw`, randomBytes(16), { headers: { 'X-Sig': h.digest('hex') } });

  if (instance.iterationsCompleted > 1000) {
    http.get(`${BASE}/late`);
  }
  var responses = http.batch([['GET', `${BASE}/a.css`], ['GET', `${BASE}/b.js`]]);
  for (var key in responses) {
    check(responses[key], { 'asset ok': function (r) { return r.status == 200; } });
  }
  let tries = 0;
  retry: while (true) {
    for (var i = 0, n = 3; i < n; i++) {
      if (http.head(`${BASE}/ready`).status === 200) break retry;
      if (++tries > 2) break retry;
    }
    sleep(0.1);
  }
}
