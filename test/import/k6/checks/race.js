/**
 * Race for the last seats.
 *   k6 run -e BASE_URL=http://localhost:3001 -e SEATS=5 race.js
 */
import http from 'k6/http';
import { check, fail, group, sleep } from 'k6';
import exec from 'k6/execution';
import { Counter, Rate, Trend } from 'k6/metrics';
import { randomIntBetween, randomItem, uuidv4 } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';

const BASE = __ENV.BASE_URL || 'http://localhost:3001';
const VUS = Number(__ENV.VUS || 20);
const SEATS = parseInt(__ENV.SEATS ?? '5', 10);
const BATCH_SIZE = 5;
const JSON_HEADERS = { 'Content-Type': 'application/json' };

http.setResponseCallback(http.expectedStatuses(201, 409, { min: 200, max: 299 }));

const confirmed = new Counter('confirmed');
const rejected = new Counter('rejected');
const unexpected = new Rate('unexpected');
const payTime = new Trend('pay_time', true);

export const options = {
  setupTimeout: '10m',
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)'],
  scenarios: {
    race: { executor: 'per-vu-iterations', vus: VUS, iterations: 1, maxDuration: '30s' },
    browse: {
      executor: 'constant-arrival-rate',
      rate: 20,
      timeUnit: '1s',
      duration: '1m',
      preAllocatedVUs: 10,
      exec: 'browse',
      startTime: '5s',
    },
  },
  thresholds: {
    confirmed: [`count==${SEATS}`],
    rejected: ['count>0'],
    unexpected: ['rate<0.01'],
    pay_time: ['p(95)<500'],
    'http_req_duration{name:book}': ['p(95)<1000'],
    'group_duration{group:::checkout}': ['avg<800'],
  },
};

function pad(value) {
  return value < 10 ? `0${value}` : `${value}`;
}

function localDate(date, offsetMinutes) {
  const shifted = new Date(date.getTime() + offsetMinutes * 60000);
  return `${shifted.getUTCFullYear()}-${pad(shifted.getUTCMonth() + 1)}-${pad(shifted.getUTCDate())}`;
}

function login(email, password) {
  const res = http.post(`${BASE}/api/auth/login`, JSON.stringify({ email, password }), { headers: JSON_HEADERS, tags: { name: 'login' } });
  if (res.status !== 200) fail(`login of ${email} failed: ${res.status} ${res.body}`);
  return res.json('token');
}

export function setup() {
  const admin = login('admin@example.com', __ENV.ADMIN_PASSWORD || 'admin1234!');
  const event = http.post(`${BASE}/api/events`, JSON.stringify({ seats: SEATS, opensOn: localDate(new Date(), 540) }), {
    headers: { ...JSON_HEADERS, Authorization: `Bearer ${admin}` },
  }).json();
  const members = [];
  for (let start = 0; start < VUS; start += BATCH_SIZE) {
    const batch = [];
    for (let i = start; i < Math.min(start + BATCH_SIZE, VUS); i++) {
      batch.push(['POST', `${BASE}/api/members`, JSON.stringify({ email: `m${i}@example.com` }), { headers: JSON_HEADERS }]);
    }
    http.batch(batch).forEach((res, index) => {
      check(res, { 'member made': (r) => r.status === 201 || r.status === 409 });
      members.push({ email: `m${start + index}@example.com`, id: res.json('id') });
    });
  }
  return { eventId: event.id, members };
}

export default function (data) {
  const member = data.members[(__VU - 1) % data.members.length];
  const token = login(member.email, 'load1234!');
  const params = { headers: { ...JSON_HEADERS, Authorization: `Bearer ${token}`, 'Idempotency-Key': uuidv4() }, tags: { name: 'book' } };
  let booking;
  group('checkout', () => {
    const res = http.post(`${BASE}/api/events/${data.eventId}/bookings`, JSON.stringify({ member: member.id }), params);
    unexpected.add(![201, 409].includes(res.status));
    if (res.status === 409) {
      rejected.add(1, { at: 'booking' });
      return;
    }
    booking = res.json();
    const pay = http.post(`${BASE}/api/bookings/${booking.id}/pay`, null, params);
    payTime.add(pay.timings.duration);
    const ok = check(pay, {
      'paid': (r) => r.status === 200,
      'has receipt': (r) => r.json('data.id') !== undefined,
    });
    if (ok) confirmed.add(1);
    else rejected.add(1, { at: 'payment' });
  });
  if (!booking) return;
  for (let attempt = 0; attempt < 5; attempt++) {
    const state = http.get(`${BASE}/api/bookings/${booking.id}`, { headers: params.headers, tags: { name: 'poll' } });
    if (state.json().status === 'done') break;
    sleep(Math.pow(2, attempt) * 0.05);
  }
}

export function browse() {
  const pages = ['/', '/events', `/events?page=${randomIntBetween(1, 5)}`];
  const responses = http.batch(pages.map((p) => ['GET', BASE + p, null, { tags: { name: p.split('?')[0] } }]));
  check(responses, { 'all pages': (all) => all.every((r) => r.status === 200) });
  const picked = randomItem(['a', 'b']);
  http.del(`${BASE}/cache/${picked}?by=${exec.scenario.name}`, null, { responseCallback: http.expectedStatuses(204, 404) });
}

export function teardown({ eventId }) {
  const res = http.get(`${BASE}/api/events/${eventId}/bookings`);
  const ids = new Set(res.json('items').map((b) => b.id));
  console.log(`${ids.size} bookings, ${SEATS} seats`);
  if (ids.size > SEATS) throw new Error('oversold');
}
