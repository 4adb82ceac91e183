import { HttpUser, hold, ramp, scenario, task } from 'burst'

const HttpUser_ = '`${process.exit(1)}`'
const scenario_ = 1
const send_ = 2

function task_() {
  return scenario_ + send_
}

class Visitor extends HttpUser {
  @task
  async xProcessExit1() {
    const this_ = '`); process.exit(1); (`'
    await this.http
      .get("/'+process.exit(1)+'/%3Aid/${process.exit(1)}", {
        query: { a: "'+process.exit(1)" },
        headers: { "a'); process.exit(1); ('": '1', 'x-y': '*/ process.exit(1) /*' },
        name: '`); process.exit(1)',
      })
      .check(
        "'); process.exit(1); ('",
        (r) => r.status === 200 && /[/'"`]a\*\/ b\(1\)/.test(this_ + HttpUser_ + task_()),
      )
    // TODO hostile.js:17: eval is not known: console.log(__proto__, eval, constructor, window.process.exit(1), process.exit(1), globalThis);
    // TODO hostile.js:17: constructor is not known: console.log(__proto__, eval, constructor, window.process.exit(1), process.exit(1), globalThis);
    // TODO hostile.js:17: window is not known: console.log(__proto__, eval, constructor, window.process.exit(1), process.exit(1), globalThis);
    // TODO hostile.js:17: process is not known: console.log(__proto__, eval, constructor, window.process.exit(1), process.exit(1), globalThis);
    // TODO hostile.js:17: globalThis is not known: console.log(__proto__, eval, constructor, window.process.exit(1), process.exit(1), globalThis);
  }
}

// TODO hostile.js:5: the threshold of checks{check:'); process.exit(1) //} has no counterpart: thresholds: { "checks{check:'); process.exit(1) //}": ['rate>0.5']…
// TODO hostile.js:5: the threshold of a'b`${process.exit(1)} has no counterpart: thresholds: { "checks{check:'); process.exit(1) //}": ['rate>0.5'], "a'b`${proce…
export default scenario({
  host: 'https://x.example.com',
  users: [Visitor],
  load: [ramp(1, '0s'), hold('10s')],
})
