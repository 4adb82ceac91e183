import http from 'k6/http';
import exec from 'k6/execution';
import { check, sleep } from 'k6';
import { SharedArray } from 'k6/data';
import { randomIntBetween, randomItem, uuidv4 } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';
import papaparse from 'https://jslib.k6.io/papaparse/5.1.1/index.js';

const accounts = new SharedArray('accounts', function () {
  return papaparse.parse(open('./accounts.csv'), { header: true }).data;
});
const words = new SharedArray('words', () => JSON.parse(open('./words.json')));
const kinds = ['hat', 'shoe', 'scarf'];

export const options = {
  scenarios: {
    browse: {
      executor: 'ramping-vus',
      exec: 'browse',
      startVUs: 0,
      stages: [
        { duration: '10s', target: 30 },
        { duration: '1m', target: 30 },
      ],
      gracefulRampDown: '0s',
    },
    buy: {
      executor: 'constant-vus',
      exec: 'buy',
      vus: 10,
      duration: '1m10s',
    },
  },
  thresholds: {
    'http_req_duration{scenario:buy}': ['p(90) < 800', 'max<5000'],
    'http_req_duration{kind:search}': ['med<200'],
    'http_req_failed{scenario:browse}': ['rate<=0.02'],
    'checks{check:order placed}': ['rate>0.99'],
  },
};

const HOST = __ENV.HOST;

export function browse() {
  const word = randomItem(words);
  http.get(`${HOST}/search?q=${encodeURIComponent(word.text)}&kind=${randomItem(kinds)}`, { tags: { kind: 'search' } });
  const responses = http.batch([
    ['GET', `${HOST}/static/app.css`],
    ['GET', `${HOST}/static/app.js`, null, { tags: { kind: 'static' } }],
  ]);
  check(responses[0], { 'css loaded': (r) => r.status === 200 });
  check(responses[1], { 'js loaded': (r) => r.status === 200 });
  sleep(randomIntBetween(1, 3));
}

export function buy() {
  const account = accounts[Math.floor(Math.random() * accounts.length)];
  const token = login(account.email, account.password);
  const order = placeOrder(token, { id: uuidv4(), by: exec.vu.idInTest, at: new Date().toISOString() });
  check(order, {
    'order placed': (r) => r.status === 200,
    'order has an id': (r) => r.body.includes('id'),
  });
}

function login(email, password) {
  const res = http.post(`${HOST}/login`, { email: email, password: password });
  return res.json('access_token');
}

function placeOrder(token, order) {
  return http.post(`${HOST}/orders`, JSON.stringify(order), {
    headers: { Authorization: 'Bearer ' + token, 'Content-Type': 'application/json' },
  });
}
