import http from 'k6/http';
import crypto from 'k6/crypto';
import { group, sleep } from 'k6';
import exec from 'k6/execution';
import { Gauge } from 'k6/metrics';
import { SharedArray } from 'k6/data';
import { check } from 'https://jslib.k6.io/k6-utils/1.5.0/index.js';
import papaparse from 'https://jslib.k6.io/papaparse/5.1.1/index.js';
import { browser } from 'k6/browser';
import { parseHTML } from 'k6/html';

const rows = new SharedArray('rows', () => papaparse.parse(open('./accounts.csv'), { header: true }).data);
const stock = new Gauge('stock_level');

export const options = {
  scenarios: {
    api: { executor: 'constant-vus', vus: 5, duration: '1m' },
    ui: { executor: 'constant-vus', vus: 1, duration: '1m', exec: 'ui', options: { browser: { type: 'chromium' } } },
  },
};

export function setup() {
  const res = http.post('https://paths.example.com/session', { user: 'a' });
  check(res, { 'signed in': (r) => r.status === 201 });
  return { token: res.json('token'), ids: res.json('items.#.id') };
}

export default function (data) {
  const account = rows[exec.vu.idInTest % rows.length];
  const res = http.get(`https://paths.example.com/flights?name=${account.email}`);
  check(res, {
    'status is 200': () => res.status === 200,
    'has flights': (r) => r.json('flights.#') > 0,
    'cheap one': (r) => r.json('flights.#(id<10).name') === 'hat' && res.body.length > 10,
  }) || stock.add(0);
  const names = res.json('flights.#.name');
  const found = res.json('flights.#(name=="hat").url');
  for (const name of names) http.get(`https://paths.example.com/flights/${name}`);
  const links = parseHTML(http.get('https://paths.example.com/catalogue').body).find('a').toArray().map((a) => a.attr('href'));
  const sign = crypto.hmac('sha256', 'key', links.join(','), 'hex');
  const [first, ...others] = names;
  group('moved', () => {
    const moved = http.patch('https://paths.example.com/items', JSON.stringify({ first, count: others.length, sign }));
    check(moved, { moved: () => moved.status === 200, found: () => found !== '' && data.token !== '' });
  });
  switch (exec.scenario.name) {
    case 'api':
      http.options('https://paths.example.com/api');
      break;
    default:
      http.head('https://paths.example.com/other');
  }
  sleep(1);
}

export async function ui() {
  const page = await browser.newPage();
  await page.goto('https://paths.example.com/');
  await page.close();
}
