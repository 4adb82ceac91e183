import http from 'k6/http';
import { check } from 'k6';
import { SharedArray } from 'k6/data';
import papaparse from 'https://jslib.k6.io/papaparse/5.1.1/index.js';
import exec from 'k6/execution';

const accounts = new SharedArray('accounts', function () {
  const data = papaparse.parse(open('./accounts.csv'), { header: true }).data;
  return data;
});
const words = new SharedArray('words', () => JSON.parse(open('./words.json')));

export const options = {
  vus: 4,
  duration: '1m',
  insecureSkipTLSVerify: true,
  tlsVersion: { min: http.TLS_1_2, max: http.TLS_1_3 },
  tlsAuth: [{ domains: ['shop.example.com'], cert: open('./client-0.pem'), key: open('./client-0.key') }],
  hosts: { 'shop.example.com': '10.0.0.5', 'api.example.com:8443': '10.0.0.6' },
  dns: { ttl: '1m', select: 'random', policy: 'preferIPv4' },
  noConnectionReuse: true,
  userAgent: 'k6-load/1.0',
  minIterationDuration: '2s',
  maxRedirects: 2,
  discardResponseBodies: true,
  rps: 100,
  tags: { team: 'shop' },
  thresholds: {
    'http_req_duration{kind:search}': ['p(95)<500'],
    'http_req_duration{name:graph}': ['p(95)<700'],
    http_req_waiting: ['p(95)<500'],
  },
};

export default function () {
  const account = accounts[exec.scenario.iterationInTest % accounts.length];
  const word = words[Math.floor(Math.random() * words.length)];
  http.get(`https://shop.example.com/search?q=${word.text}`, { tags: { kind: 'search' } });
  http.post('https://shop.example.com/graphql', JSON.stringify({ query: 'query Cart($id: ID!) { cart(id: $id) { total } }', variables: { id: 7 } }), {
    headers: { 'Content-Type': 'application/json' },
    tags: { name: 'graph' },
  });
  http.post('https://shop.example.com/graphql', JSON.stringify({ query: '{ me { id } }' }), {
    headers: { 'Content-Type': 'application/json', Authorization: account.password },
  });
  http.get('https://shop.example.com/moved', { redirects: 0 });
  if (exec.vu.iterationInScenario > 1000) exec.test.abort('enough');
}
