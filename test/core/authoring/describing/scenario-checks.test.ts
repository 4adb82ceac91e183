import { expect, test } from 'vitest'
import { scenario } from '../../../../core/authoring/definition.ts'
import { describeScenario } from '../../../../core/authoring/describing/describe-scenario.ts'
import { HttpUser } from '../../../../core/authoring/http-user.ts'
import { constant } from '../../../../core/authoring/wait.ts'
import { arrivals, hold, ramp } from '../../../../core/authoring/load-stages.ts'

class Visitor extends HttpUser {
  override tasks: object = { home: 1 }
  async home() {}
}

const described = (more: object) =>
  describeScenario(scenario({ host: 'http://shop.example', users: [Visitor], ...more }))
const member = (more: object, statics: object = {}): new () => HttpUser => {
  class Guest extends Visitor {
    override wait = constant(1)
    constructor() {
      super()
      Object.assign(this, more)
    }
  }
  return Object.assign(Guest, statics)
}

/** Returns a list of two items in which the first item is left out, as in `[, 1]`. */
const leftOut = (second: unknown): unknown[] => Object.assign([], { 1: second })

test.each<[object, string, RegExp]>([
  [{ load: [] }, "'load' of scenario() is an empty list", /without 'load', 1 user runs/],
  [{ load: hold('1m') }, "'load' of scenario() is an object", /list of stages/],
  [{ load: '10m' }, '\'load\' of scenario() is "10m"', /list of stages/],
  [{ load: [{ duration: '1m', target: 10 }] }, "item 1 of 'load' is an object", /ramp\(10, '10s'\)/],
  [{ load: [{ kind: 'hold', ms: Number.POSITIVE_INFINITY }] }, "item 1 of 'load' is an object", /a stage is/],
  [{ load: [ramp(5, '1s'), { kind: 'hold', ms: -500 }] }, "item 2 of 'load' is an object", /a stage is/],
  [{ load: [{ kind: 'ramp', users: 5, ms: 1000 }] }, "item 1 of 'load' is an object", /a stage is/],
  [{ load: [{ kind: 'arrivals', to: 5, ms: 1000 }] }, "item 1 of 'load' is an object", /a stage is/],
  [{ load: [hold('1m'), undefined] }, "item 2 of 'load' is undefined", /hold/],
  [{ load: [[hold('1m')]] }, "item 1 of 'load' is a list of 1 item", /hold/],
  [{ http2: 'h2' }, '\'http2\' of scenario() is "h2"', /write true, false or 'auto'/],
  [
    { users: [member({}, { http2: 'yes' })] },
    '\'static http2\' of class Guest is "yes"',
    /write true, false or 'auto'/,
  ],
  [
    { users: [member({}, { http2: true })], http2: 'auto', connections: 'shared' },
    "'static http2' of class Guest differs from 'http2' of scenario(), but users with connections: 'shared' need one protocol",
    /write http2 in scenario/,
  ],
  [{ abortOn: 'errors < 10%' }, '\'abortOn\' of scenario() is "errors < 10%"', /over: '30s'/],
  [{ abortOn: ['errors < 10% over 30s'] }, `item 1 of 'abortOn' is "errors < 10% over 30s"`, /over: '30s'/],
  [{ abortOn: [{ threshold: 'errors < 10%' }] }, "'errors < 10%' in abortOn has no 'over'", /over: '30s'/],
  [
    { abortOn: [{ threshhold: 'errors < 10%', over: 5 }] },
    "'abortOn' has an unknown option 'threshhold'",
    /mean threshold\?/,
  ],
  [{ abortOn: [{ threshold: 5, over: '1m' }] }, "the threshold of a rule in 'abortOn' is 5", /over: '30s'/],
  [
    { abortOn: [{ threshold: 'rps > 1', over: 'soon' }] },
    `the span of 'rps > 1' in abortOn is "soon", which is not a duration`,
    /write it like/,
  ],
  [
    { abortOn: Array.from({ length: 11 }, () => ({ threshold: 'rps > 1', over: 5 })) },
    "'abortOn' has 11 rules",
    /at most 10/,
  ],
  [
    { thresholds: { p95: ['p(95)<500'] } },
    "'thresholds' of scenario() is an object",
    /write 'p95 < 500ms'; thresholds are a list of strings/,
  ],
  [
    { thresholds: { http_req_failed: ['rate<0.01', 'rate<0.1'] } },
    "'thresholds' of scenario() is an object",
    /in burst write 'errors < 1%'; thresholds are a list of strings, such as thresholds: \[/,
  ],
  [
    { thresholds: { http_req_duration: 'p(95)<500' } },
    "'thresholds' of scenario() is an object",
    /write 'p95 < 500ms'/,
  ],
  [
    { thresholds: { http_req_duration: [{ threshold: 'p(95)<500', abortOnFail: true }] } },
    "'thresholds' of scenario() is an object",
    /write 'p95 < 500ms'/,
  ],
  [{ thresholds: { p95: 500 } }, "'thresholds' of scenario() is an object", /a list of strings/],
  [{ thresholds: 'p95 < 1s' }, '\'thresholds\' of scenario() is "p95 < 1s"', /a list of strings/],
  [{ thresholds: [{ p95: 500 }] }, "item 1 of 'thresholds' is an object", /a list of strings/],
  [{ thresholds: [undefined] }, "item 1 of 'thresholds' is undefined", /a list of strings/],
  [{ users: Visitor }, "'users' of scenario() is class Visitor", /users: \[Shopper\]/],
  [
    { users: [Visitor, undefined] },
    "item 2 of 'users' is undefined, not a class that extends HttpUser",
    /files import each other/,
  ],
  [
    { users: leftOut(Visitor) },
    "item 1 of 'users' is undefined, not a class that extends HttpUser",
    /files import each other/,
  ],
  [
    { users: [[Visitor]] },
    "item 1 of 'users' is a list of 1 item, not a class that extends HttpUser",
    /users: \[Shopper\]/,
  ],
  [
    { users: ['Visitor'] },
    `item 1 of 'users' is "Visitor", not a class that extends HttpUser`,
    /without quotes: users: \[Visitor\]/,
  ],
  [
    { users: [{ tasks: { go: 1 } }] },
    "item 1 of 'users' is an object, not a class that extends HttpUser",
    /extends HttpUser/,
  ],
  [{ users: [new Map()] }, "item 1 of 'users' is a Map, not a class that extends HttpUser", /extends HttpUser/],
  [
    { users: [() => Visitor] },
    "item 1 of 'users' is a function, not a class that extends HttpUser",
    /extends HttpUser/,
  ],
  [{ load: Visitor }, "'load' of scenario() is class Visitor", /list of stages/],
  [{ load: leftOut(hold('1m')) }, "item 1 of 'load' is undefined", /hold/],
  [{ thresholds: leftOut('p95 < 1s') }, "item 1 of 'thresholds' is undefined", /a list of strings/],
  [{ find: { max: 10, until: leftOut('p95 < 1s') } }, "item 1 of 'until' is undefined", /until: \[/],
  [{ allow: leftOut('a.example') }, "item 1 of 'allow' is undefined", /a list of hosts/],
  [{ onRequest: Visitor }, "'onRequest' of scenario() is class Visitor", /a class cannot be called/],
  [{ name: 7 }, "'name' of scenario() is 7", /a string/],
  [{ connections: 'pooled' }, '\'connections\' of scenario() is "pooled"', /'per-user' or 'shared'/],
  [{ allow: 'cdn.example.com' }, '\'allow\' of scenario() is "cdn.example.com"', /a list of hosts/],
  [
    { allow: ['https://cdn.example.com'] },
    `item 1 of 'allow' is "https://cdn.example.com"`,
    /without https:\/\/ and path/,
  ],
  [{ allow: ['cdn.example.com/x', 'a.example'] }, `item 1 of 'allow' is "cdn.example.com/x"`, /a list of hosts/],
  [{ allow: ['*'] }, `item 1 of 'allow' is "*"`, /'\*\.example\.com'/],
  [{ budget: 5 }, 'budget is 5', /'\$5'/],
  [{ onRequest: {} }, "'onRequest' of scenario() is an object", /a function/],
  [{ beforeRun: 'setup' }, '\'beforeRun\' of scenario() is "setup"', /a function/],
  [{ afterRun: async function* () {} }, "'afterRun' of scenario() is a generator function", /without a star/],
  [{ onRequest: function* () {} }, "'onRequest' of scenario() is a generator function", /without a star/],
  [{ stages: [] }, "scenario() has no option 'stages'", /did you mean load\?/],
  [{ treshold: [] }, "scenario() has no option 'treshold'", /did you mean thresholds\?/],
  [{ on_request: () => 1 }, "scenario() has no option 'on_request'", /did you mean onRequest\?/],
  [{ baseURL: 'http://a' }, "scenario() has no option 'baseURL'", /did you mean host\?/],
  [{ retries: 3 }, "scenario() has no option 'retries'", /the options are host, users, load/],
  [{ users: [member({}, { tags: 'a' })] }, 'tags of class Guest is "a"', /tags: \['checkout'\]/],
  [{ users: [member({}, { count: 1.5 })] }, 'static count of class Guest is 1.5', /a whole number/],
  [{ users: [member({}, { count: '2' })] }, 'static count of class Guest is "2"', /a number from 0 up/],
  [{ users: [member({}, { weight: '2' })] }, 'static weight of class Guest is "2"', /a number from 0 up/],
])('%j is refused, and the error message says what to write', (more, message, hint) => {
  const refused = (): unknown => {
    try {
      return described(more)
    } catch (error) {
      return error
    }
  }
  expect(refused()).toMatchObject({ exitCode: 104, message, hint: expect.stringMatching(hint) })
})

test.each<[object, object, string]>([
  [{ wait_time: constant(1) }, {}, "'wait_time', which burst does not read: did you mean wait?"],
  [{ waitTime: () => 1 }, {}, "'waitTime', which burst does not read: did you mean wait?"],
  [{ wiat: constant(1) }, {}, "'wiat', which burst does not read: did you mean wait?"],
  [{ min_wait: 1000 }, {}, "'min_wait', which burst does not read: did you mean wait?"],
  [{ task: { home: 1 } }, {}, "'task', which burst does not read: did you mean tasks?"],
  [{ taks: { home: 1 } }, {}, "'taks', which burst does not read: did you mean tasks?"],
  [{ on_start: async () => {} }, {}, "'on_start', which burst does not read: did you mean onStart?"],
  [{ onstart: async () => {} }, {}, "'onstart', which burst does not read: did you mean onStart?"],
  [{ OnStop: async () => {} }, {}, "'OnStop', which burst does not read: did you mean onStop?"],
  [{ weight: 3 }, {}, "'weight', which burst does not read: did you mean static weight?"],
  [{ tags: ['a'] }, {}, "'tags', which burst does not read: did you mean static tags?"],
  [{ host: 'http://a' }, {}, "'host', which burst does not read: did you mean scenario({ host })?"],
  [{ fixed_count: 2 }, {}, "'fixed_count', which burst does not read: did you mean static count?"],
  [{}, { fixed_count: 2 }, "static 'fixed_count', which burst does not read: did you mean static count?"],
  [{}, { tag: ['a'] }, "static 'tag', which burst does not read: did you mean static tags?"],
  [{}, { wait: constant(1) }, "static 'wait', which burst does not read: did you mean wait, without static?"],
  [{}, { wait_time: constant(1) }, "static 'wait_time', which burst does not read: did you mean wait, without static?"],
  [{}, { weigth: 2 }, "static 'weigth', which burst does not read: did you mean static weight?"],
])('a member that looks misspelt causes a warning with the right name: %j %j', (fields, statics, sentence) => {
  expect(described({ users: [member(fields, statics)] }).warnings).toEqual([`class Guest has a ${sentence}`])
})

test('a misspelt method causes the same warning as a misspelt field, and unrelated members cause no warning', () => {
  class Method extends Visitor {
    async on_start() {}
    wait_time() {
      return 1
    }
  }
  class Own extends Visitor {
    static helpers = { a: 1 }
    count = 0
    visits = 0
    start = 7
    tag = 'x'
    waiting = false
    async task() {}
    async next() {}
    async stopWatch() {}
  }
  expect(described({ users: [Method, Own] }).warnings).toEqual([
    "class Method has a 'on_start', which burst does not read: did you mean onStart?",
    "class Method has a 'wait_time', which burst does not read: did you mean wait?",
  ])
})

test('the description says that a class has no wait, even if a task of the class is named `wait`', () => {
  class Wait extends HttpUser {
    override tasks: object = { wait: 1 }
  }
  Object.defineProperty(Wait.prototype, 'wait', { value: async () => {} })
  const { classes } = described({ users: [Visitor, member({}), Wait], load: [arrivals(1, '1s')] })
  expect(classes.map((one) => one.unpaced)).toEqual([true, undefined, true])
})
