import http from 'k6/http';
import { check } from 'k6';
export const options = {
  scenarios: { "x'); process.exit(1); ('": { executor: 'constant-vus', vus: 1, duration: '10s', exec: 'a' } },
  thresholds: { "checks{check:'); process.exit(1) //}": ['rate>0.5'], "a'b`${process.exit(1)}": ['p(95)<1'] },
};
// */ process.exit(1) \u2028 process.exit(1)
const __proto__ = { ['__proto__']: "'; process.exit(1); '" };
const HttpUser = "`${process.exit(1)}`", scenario = 1, send = 2, task = () => scenario + send;
export function a() {
  const this_ = `\`); process.exit(1); (\``;
  const Response = http.get("https://x.example.com/'+process.exit(1)+'/:id/${process.exit(1)}?a='%2Bprocess.exit(1)", {
    headers: { "a'); process.exit(1); ('": '1', 'x-y': "*/ process.exit(1) /*" },
    tags: { name: "`); process.exit(1)" },
  });
  check(Response, { "'); process.exit(1); ('": (r) => r.status === 200 && /[/'"`]a\*\/ b\(1\)/.test(this_ + HttpUser + task()) });
  console.log(__proto__, eval, constructor, window.process.exit(1), process.exit(1), globalThis);
}
