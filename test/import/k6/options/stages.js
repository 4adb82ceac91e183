import http from 'k6/http';
import { check, sleep } from 'k6';

// Ramp up to 20 users, stay, and ramp down.
export const options = {
  stages: [
    { duration: '30s', target: 20 },
    { duration: '1m30s', target: 20 },
    { duration: '20s', target: 0 },
  ],
  thresholds: {
    http_req_duration: ['p(95)<500', 'p(99)<1500'],
    http_req_failed: ['rate<0.01'],
    checks: ['rate>0.95'],
  },
};

const BASE_URL = __ENV.BASE_URL || 'https://test.k6.io';

export default function () {
  const res = http.get(`${BASE_URL}/public/crocodiles/`);
  check(res, {
    'status is 200': (r) => r.status === 200,
    'has crocodiles': (r) => r.json().items.length > 0,
    'is fast': (r) => r.timings.duration < 800,
  });

  // One of them.
  const id = Math.floor(Math.random() * 8) + 1;
  const one = http.get(`${BASE_URL}/public/crocodiles/${id}/`, { tags: { name: 'OneCrocodile' } });
  check(one, { 'one is there': (r) => r.status == 200 });

  sleep(Math.random() * 2 + 1);
}
