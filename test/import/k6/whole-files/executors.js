import http from 'k6/http';
import exec from 'k6/execution';
import { check, sleep } from 'k6';
import { SharedArray } from 'k6/data';
import papaparse from 'https://jslib.k6.io/papaparse/5.1.1/index.js';
import { textSummary } from 'https://jslib.k6.io/k6-summary/0.0.2/index.js';
import { htmlReport } from 'https://raw.githubusercontent.com/benc-uk/k6-reporter/main/dist/bundle.js';

const csvData = new SharedArray('users', function () {
  return papaparse.parse(open('./staff.csv'), { header: true }).data;
});
const ids = new SharedArray('ids', () => JSON.parse(open('./item_ids.json')));

export const options = {
  discardResponseBodies: true,
  scenarios: {
    shared: { executor: 'shared-iterations', vus: 10, iterations: 200, maxDuration: '30s', exec: 'browse' },
    per_vu: { executor: 'per-vu-iterations', vus: 5, iterations: 20, maxDuration: '1m', exec: 'browse', startTime: '30s' },
    constant: { executor: 'constant-vus', vus: 10, duration: '1m', exec: 'browse', gracefulStop: '5s' },
    ramping: { executor: 'ramping-vus', startVUs: 0, stages: [{ duration: '20s', target: 10 }, { duration: '10s', target: 0 }], gracefulRampDown: '0s', exec: 'batches' },
    rate: { executor: 'constant-arrival-rate', duration: '30s', rate: 30, timeUnit: '1s', preAllocatedVUs: 50, exec: 'orders', env: { KIND: 'fast' }, tags: { test_type: 'api' } },
    ramping_rate: { executor: 'ramping-arrival-rate', startRate: 300, timeUnit: '1m', preAllocatedVUs: 50, maxVUs: 100, stages: [{ target: 300, duration: '1m' }, { target: 600, duration: '2m' }], exec: 'orders' },
    manual: { executor: 'externally-controlled', vus: 10, maxVUs: 50, duration: '10m', exec: 'browse' },
  },
  thresholds: {
    http_req_failed: ['rate<0.01'],
    http_req_duration: ['p(95)<500', 'p(99.9)<2000', 'avg<200', 'max<5000', 'med<150'],
    'http_req_duration{name:order}': [{ threshold: 'p(95)<800', abortOnFail: true, delayAbortEval: '10s' }],
    'http_req_duration{scenario:rate}': ['p(90)<400'],
    'http_req_duration{status:200}': ['max>=0'],
    checks: ['rate>0.9'],
    'checks{kind:login}': ['rate==1'],
    iterations: ['count>100', 'rate>10'],
    iteration_duration: ['p(95)<3000'],
    http_reqs: ['rate>50'],
    data_received: ['count<1000000'],
    vus: ['value<100'],
    dropped_iterations: ['count<10'],
  },
};

export function browse() {
  const user = csvData[exec.vu.idInTest % csvData.length];
  const other = csvData[(exec.vu.idInTest - 1) % csvData.length];
  const id = ids[exec.scenario.iterationInTest % ids.length];
  http.get(`https://shop.example.com/users/${user.name}?vu=${exec.vu.idInInstance}&it=${exec.vu.iterationInInstance}&sc=${exec.vu.iterationInScenario}`);
  http.get(`https://shop.example.com/things/${id}?by=${other.name}&n=${exec.scenario.name}&p=${exec.scenario.progress}`);
  exec.vu.tags['user'] = user.name;
  if (exec.instance.vusActive > 5) exec.test.abort('enough');
  sleep(1);
}

export function batches() {
  const urls = ids.map((id) => ['GET', `https://shop.example.com/things/${id}`, null, { tags: { name: 'thing' } }]);
  const responses = http.batch(urls);
  responses.forEach((res) => check(res, { 'is 200': (r) => r.status === 200 }));
  const requests = [];
  for (const id of ids) {
    requests.push({ method: 'POST', url: 'https://shop.example.com/likes', body: JSON.stringify({ id }), params: { headers: { 'Content-Type': 'application/json' } } });
  }
  const done = http.batch(requests);
  check(done[0], { 'first is 201': (r) => r.status === 201 });
  http.batch(['https://shop.example.com/a', 'https://shop.example.com/b']);
  for (let i = 0; i < done.length; i++) {
    check(done[i], { ok: (r) => r.status < 400 });
  }
}

export function orders() {
  const res = http.post('https://shop.example.com/orders', JSON.stringify({ vu: __VU, iter: __ITER, kind: __ENV.KIND }), {
    tags: { name: 'order' },
    responseType: 'text',
  });
  check(res, { 'created': (r) => r.status === 201 }, { kind: 'login' });
}

export function handleSummary(data) {
  console.log('Preparing the end-of-test summary...');
  return {
    stdout: textSummary(data, { indent: ' ', enableColors: true }),
    'summary.html': htmlReport(data),
    'summary.json': JSON.stringify(data),
  };
}
