import http, { RefinedResponse, ResponseType } from 'k6/http';
import { check, group, sleep, randomSeed } from 'k6';
import exec from 'k6/execution';
import { Options } from 'k6/options';
import { SharedArray } from 'k6/data';
import { parseHTML } from 'k6/html';
import { Counter, Rate } from 'k6/metrics';
// @ts-ignore
import papaparse from 'https://jslib.k6.io/papaparse/5.1.1/index.js';

interface Account { username: string; password: string }
type Page = RefinedResponse<ResponseType | undefined>;
enum Step { Home = 'home', Login = 'login' }

export const options: Options = {
  discardResponseBodies: false,
  stages: [
    { duration: '1m', target: 20 },
    { duration: '3m', target: 20 },
    { duration: '30s', target: 0 },
  ],
  thresholds: { checks: ['rate>0.99'], http_req_duration: ['med<200', 'p(95)<600'], login_failures: ['count<10'] },
  summaryTrendStats: ['avg', 'p(95)'],
  tags: { team: 'web' },
};

const accounts = new SharedArray<Account>('accounts', (): Account[] => papaparse.parse(open('./members.csv'), { header: true, skipEmptyLines: true }).data);
const loginFailures = new Counter('login_failures');
const ok = new Rate('ok');
const host: string = __ENV.HOST ?? 'https://www.example.com';
const params = (step: Step, extra: Record<string, string> = {}) => ({ tags: { name: step as string, ...extra }, headers: { 'Accept-Language': 'en', 'X-Step': `${step}` } });

randomSeed(42);
http.setResponseCallback(http.expectedStatuses(200, 201, { min: 300, max: 399 }));

function assertOk(res: Page, what: string): boolean {
  const passed = check(res, { [`${what}: status`]: ({ status }) => status >= 200 && status < 400, [`${what}: fast`]: (r) => r.timings.duration < 1500 }, { what });
  ok.add(passed);
  return passed;
}

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)];

export default function main(): void {
  const { username, password } = accounts[exec.scenario.iterationInTest % accounts.length]!;
  let csrf: string | undefined;

  group('login', function () {
    const page = http.get(`${host}/login`, params(Step.Home));
    const doc = parseHTML(page.body as string);
    csrf = doc.find('input[name=csrf_token]').attr('value');
    const res = http.post(`${host}/login`, { csrf_token: csrf!, user: username, password }, { ...params(Step.Login), redirects: 0 });
    if (!assertOk(res, 'login')) {
      loginFailures.add(1, { username });
      return;
    }
    switch (res.status) {
      case 200:
      case 201:
        console.debug(`in as ${username}`);
        break;
      default:
        sleep(0.1);
    }
  });

  let cursor: number | null = 1;
  do {
    const res: Page = http.get(`${host}/items?cursor=${cursor}&limit=10`);
    const items = res.json() as unknown as { id: number; name: string }[];
    if (!Array.isArray(items) || items.length === 0) break;
    const [first, ...others] = items;
    http.batch([first!, ...others].map(({ id }) => ['GET', `${host}/items/${id}`, null, params(Step.Home)]));
    cursor = items.length === 10 ? cursor + 1 : null;
  } while (cursor !== null && cursor < 4);

  const payload = { q: pick(['hat', 'shoe']), filters: { size: [1, 2], colour: null as string | null } };
  const found = http.request('POST', `${host}/search`, JSON.stringify(payload), { headers: { 'Content-Type': 'application/json' }, timeout: '5s' });
  const total: number = found.json('flights.#') as number ?? 0;
  check(found, { 'found something': () => total > 0, 'is JSON': (r) => (r.headers['Content-Type'] || '').includes('json') });
  sleep(Number(__ENV.THINK_TIME || 1));
}
