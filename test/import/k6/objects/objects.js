import http from 'k6/http';
import encoding from 'k6/encoding';
import crypto, { hmac, sha256, md5, randomBytes, createHash, createHMAC } from 'k6/crypto';
import exec from 'k6/execution';
import { check, group, sleep, fail, randomSeed } from 'k6';
import { SharedArray } from 'k6/data';
import { Trend, Counter, Rate, Gauge } from 'k6/metrics';
import { scenario, vu, instance, test } from 'k6/execution';
import { FormData } from 'https://jslib.k6.io/formdata/0.0.2/index.js';
import { URL, URLSearchParams } from 'https://jslib.k6.io/url/1.0.0/index.js';
import { Httpx } from 'https://jslib.k6.io/httpx/0.1.0/index.js';
import { describe, expect } from 'https://jslib.k6.io/k6chaijs/4.3.4.3/index.js';
import papaparse from 'https://jslib.k6.io/papaparse/5.1.1/index.js';
import { uuidv4, randomItem, randomString, randomIntBetween, normalDistributionStages, tagWithCurrentStageIndex } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';
import redis from 'k6/experimental/redis';

const photo = open('./photo.bin', 'b');
const client = new redis.Client('redis://localhost:6379');
const loginTrend = new Trend('login_time', true);
const itemTrend = new Trend('item_time');
const failures = new Counter('failures');
const metrics = {
  login: new Trend('login'),
  items: { list: new Trend('items_list'), read: new Rate('items_ok') },
};
const trends = [loginTrend, itemTrend];
const byName = new Map([['login', loginTrend]]);

const users = new SharedArray('users', function () {
  return JSON.parse(open('./people.json')).users;
});
const rows = new SharedArray('rows', () => papaparse.parse(open('./logins.csv'), { header: true }).data);
const numbers = new SharedArray('numbers', function () {
  const list = [];
  for (let i = 0; i < 10; i++) list.push(i * 2);
  return list;
});

const session = new Httpx({
  baseURL: 'https://api.example.com',
  headers: { 'User-Agent': 'k6' },
  timeout: 20e3,
});

export const options = {
  vus: 1, iterations: 1,
  thresholds: { login_time: ['p(95)<500'], items_ok: ['rate>0.9'] },
};

function observe(trend, res) {
  trend.add(res.timings.duration);
  if (res.status >= 400) failures.add(1);
}

function uploadForm(form) {
  return http.post('https://api.example.com/upload', form.body(), {
    headers: { 'Content-Type': 'multipart/form-data; boundary=' + form.boundary },
  });
}

function useJar(jar, name) {
  jar.set('https://api.example.com', name, 'v');
  const cookies = jar.cookiesForURL('https://api.example.com');
  return cookies[name];
}

export default function () {
  const jar = http.cookieJar();
  jar.set('https://api.example.com', 'theme', 'dark', { path: '/', max_age: 600 });
  const own = new http.CookieJar();
  own.set('https://api.example.com', 'lang', 'en');
  const inJar = http.get('https://api.example.com/jar', { jar: own, cookies: { extra: 'yes' } });
  check(jar.cookiesForURL(inJar.url), { 'has theme': (c) => c.theme !== undefined && c.theme[0] === 'dark' });
  jar.clear('https://api.example.com');
  useJar(jar, 'q');

  const form = new FormData();
  form.append('title', 'A photo');
  form.append('photo', http.file(photo, 'photo.png', 'image/png'));
  uploadForm(form);

  const url = new URL('https://api.example.com/search');
  url.searchParams.append('q', 'hat');
  url.searchParams.append('page', 2);
  const found = http.get(url.toString());
  const query = new URLSearchParams([['a', '1'], ['b', '2']]);
  http.get(`https://api.example.com/query?${query.toString()}`);
  http.get(url.href);

  observe(loginTrend, found);
  observe(metrics.items.list, found);
  metrics.items.read.add(found.status === 200);
  trends.forEach((trend) => trend.add(12));
  byName.get('login').add(3);
  for (const trend of trends) trend.add(1);

  const secret = 'k3y';
  const body = JSON.stringify({ id: users[exec.vu.idInTest % users.length].id, ref: uuidv4() });
  const signature = hmac('sha256', secret, body, 'base64');
  const hasher = createHash('sha512');
  hasher.update(body);
  const digest = hasher.digest('hex');
  const h2 = createHMAC('sha256', secret);
  h2.update('a');
  const token = `${encoding.b64encode('ann:pw')}.${encoding.b64encode(body, 'rawurl')}.${sha256(body, 'hex')}.${md5('x', 'hex')}`;
  const plain = encoding.b64decode('aGVsbG8=', 'std', 's');
  const bytes = new Uint8Array(encoding.b64decode('aGVsbG8='));
  const nonce = encoding.b64encode(randomBytes(16));
  http.post('https://api.example.com/signed', body, {
    headers: { 'X-Signature': signature, 'X-Digest': digest, 'X-Mac': h2.digest('base64rawurl'), Authorization: `Basic ${token}`, 'X-Plain': plain + bytes.length, 'X-Nonce': nonce },
    tags: { name: 'signed', vu: `${vu.idInTest}` },
  });

  exec.vu.tags['mode'] = 'test';
  exec.vu.metrics.tags.region = 'eu';
  tagWithCurrentStageIndex();
  console.log(`vu ${exec.vu.idInInstance} iteration ${scenario.iterationInTest} of ${scenario.name} ${instance.vusActive} ${exec.scenario.startTime} ${exec.scenario.progress} ${exec.scenario.executor} ${instance.iterationsCompleted} ${test.options.vus}`);
  const stage = exec.test.options.stages;
  if (exec.instance.currentTestRunDuration > 1e9) exec.test.abort('too long');

  client.set('key', 'value', 10);
  const cached = client.get('key');

  const me = session.get('/me');
  session.addHeader('Authorization', `Bearer ${me.json('token')}`);
  session.post('/orders', JSON.stringify({ n: numbers[2] }), { headers: { 'Content-Type': 'application/json' } });
  describe('Items', (t) => {
    const res = http.get('https://api.example.com/items');
    expect(res.status, 'status').to.equal(200);
    expect(res).to.have.validJsonBody();
    expect(res.json().length, 'number of items').to.be.above(0);
  });

  const responses = http.batch([['GET', 'https://api.example.com/a'], ['GET', 'https://api.example.com/b']]);
  responses.forEach((res, i) => itemTrend.add(res.timings.duration, { index: String(i) }));
  const row = randomItem(rows);
  http.post('https://api.example.com/rows', { name: row.username, file: http.file(photo) });
  const wide = http.get('https://api.example.com/wide', { responseType: 'binary', timeout: '10s', tags: { type: 'wide' } });
  if (!check(wide, { ok: (r) => r.status === 200 && r.body.byteLength > 0 })) fail('no wide');
  sleep(randomIntBetween(1, 2));
}
