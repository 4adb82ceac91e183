import { expect, test } from 'vitest'
import { type Scenario, scenario } from '../../../../core/authoring/definition.ts'
import { describeScenario } from '../../../../core/authoring/describing/describe-scenario.ts'
import { type TaskOptions, task } from '../../../../core/authoring/task.ts'
import { HttpUser } from '../../../../core/authoring/http-user.ts'
import { constant } from '../../../../core/authoring/wait.ts'
import { hold } from '../../../../core/authoring/load-stages.ts'

class Visitor extends HttpUser {
  static override tags = ['web']
  override tasks: object = { home: 3 }
  async home() {}
  async search() {}
  async leave() {}
}
/** Decorates a method in the same way as the code that the compiler writes for `@task(…)`. */
function decorate(
  userClass: { prototype: object },
  method: string,
  ...[weight, options]: [number?, TaskOptions?]
): void {
  const value: unknown = Reflect.get(userClass.prototype, method)
  const decorator = (weight === undefined ? task : task(weight, options)) as (method: unknown, context: object) => void
  decorator(value, { kind: 'method', name: method })
}

decorate(Visitor, 'search', 2, { tags: ['find', 'web'] })
decorate(Visitor, 'leave')

const made = (more: object = {}): Scenario => scenario({ host: 'http://shop.example', users: [Visitor], ...more })
const tasksOf = (userClass: new () => HttpUser) => describeScenario(made({ users: [userClass] })).classes[0]?.tasks

test('the description of a scenario is plain data and contains the defaults', () => {
  const { classes, ...rest } = describeScenario(made())
  expect(rest).toMatchObject({ name: null, host: 'http://shop.example', load: { kind: 'none' }, thresholds: [] })
  expect(rest).toMatchObject({ connections: 'per-user', warnings: [], hooks: { beforeRun: false, onRequest: false } })
  expect(classes).toEqual([
    {
      name: 'Visitor',
      weight: 1,
      count: null,
      tags: ['web'],
      unpaced: true,
      tasks: [
        { name: 'home', weight: 3, tags: ['web'] },
        { name: 'search', weight: 2, tags: ['find', 'web'] },
        { name: 'leave', weight: 1, tags: ['web'] },
      ],
    },
  ])
})

test('the description contains the name, the host and the options of the scenario', () => {
  const hooks = { beforeRun: () => 1, afterRun: () => 2, onRequest: () => undefined }
  const said = { name: 'monday', connections: 'shared', thresholds: ['p95 < 1s'], load: [hold('1s')], budget: '$5' }
  expect(describeScenario(made({ ...said, ...hooks }))).toMatchObject({
    name: 'monday',
    connections: 'shared',
    thresholds: ['p95 < 1s'],
    load: { kind: 'stages', stages: [hold('1s')] },
    hooks: { beforeRun: true, afterRun: true, onRequest: true },
    budgetUsd: 5,
  })
})

test('a shape function is called once per second of the run until the function returns null', () => {
  const load = (second: number): number | null => (second < 3 ? second * 10 : null)
  expect(describeScenario(made({ load })).load).toEqual({ kind: 'samples', users: [0, 10, 20], ended: true })
  expect(describeScenario(made({ load: () => 1 })).load).toMatchObject({ ended: false })
  expect(() => describeScenario(made({ load: () => -1 }))).toThrow('load(0) is -1')
})

test('a method that overrides a task has the weight of this task, unless its own decorator or `tasks` sets another weight', () => {
  class Kept extends Visitor {
    override async search() {}
  }
  class Marked extends Visitor {
    override async search() {}
  }
  class Listed extends Visitor {
    override tasks = { search: 9, home: 0 }
  }
  decorate(Marked, 'search', 5)
  const weight = (userClass: new () => HttpUser) => tasksOf(userClass)?.find(({ name }) => name === 'search')?.weight
  expect([Kept, Marked, Listed].map(weight)).toEqual([2, 5, 9])
})

test('the legacy decorators of TypeScript also mark tasks', () => {
  class Old extends HttpUser {
    async one() {}
    async two() {}
  }
  const legacy = task as unknown as (...args: unknown[]) => (...args: unknown[]) => void
  const property = (name: string) => [Old.prototype, name, Object.getOwnPropertyDescriptor(Old.prototype, name)]
  legacy(...property('one'))
  legacy(4)(...property('two'))
  expect(tasksOf(Old)?.map(({ weight }) => weight)).toEqual([1, 4])
})

test.each<[string, unknown, string]>([
  ['a missing default export', undefined, 'the default export is not a scenario'],
  [
    'a default export that scenario() did not create',
    { host: 'http://a', users: [Visitor] },
    'the default export is not a scenario',
  ],
  ['a host that is not a string', made({ host: 8080 }), "'host' of scenario() is 8080"],
  ['no classes', made({ users: [] }), 'the scenario has no user classes'],
  [
    'a class that does not extend HttpUser',
    made({ users: [class Other extends Date {}] }),
    "item 1 of 'users' is class Other, not a class that extends HttpUser",
  ],
  ['the same class twice', made({ users: [Visitor, Visitor] }), 'two user classes are called Visitor'],
  ['a class without tasks', made({ users: [class Idle extends HttpUser {}] }), 'class Idle has no task'],
  [
    'a task without a method',
    made({
      users: [
        class Typo extends Visitor {
          override tasks = { hoem: 1 }
        },
      ],
    }),
    "'tasks' of class Typo names 'hoem', but the class has no such method",
  ],
  [
    'an invalid weight',
    made({
      users: [
        class Odd extends Visitor {
          override tasks = { home: -1 }
        },
      ],
    }),
    "the weight of 'home' in 'tasks' of class Odd is -1",
  ],
  [
    'only tasks with a weight of 0',
    made({
      users: [
        class Never extends HttpUser {
          override tasks = { home: 0 }
          async home() {}
        },
      ],
    }),
    'the weights of all tasks of class Never are zero',
  ],
  [
    'only classes with a weight of 0',
    made({
      users: [
        class Nobody extends Visitor {
          static override weight = 0
        },
      ],
    }),
    'the weights of all user classes are zero: Nobody',
  ],
  [
    'an invalid static count',
    made({
      users: [
        class Half extends Visitor {
          static override count = Number.NaN
        },
      ],
    }),
    'static count of class Half is NaN',
  ],
  [
    'a request in a field',
    made({
      users: [
        class Early extends Visitor {
          page = this.http.get('/')
        },
      ],
    }),
    'a field initialiser sends a request or waits',
  ],
])('a scenario with %s cannot be described, and the error message is one sentence', (_, definition, sentence) => {
  expect(() => describeScenario(definition)).toThrow(sentence)
})

test('an invalid weight of @task is refused, and so is the creation of a user with `new`', () => {
  expect(() => task(-1)).toThrow('the weight of @task is -1')
  expect(() => new (class Mine extends HttpUser {})()).toThrow('Mine was created with new')
})

test('an unknown option of scenario() is refused, because a misspelt option would have no effect', () => {
  expect(() => describeScenario(made({ treshold: ['p95 < 1s'] }))).toThrow("scenario() has no option 'treshold'")
})

test.each([5, '1s', null, {}])('%j is refused as the wait of a class, and so is a negative duration', (wait) => {
  class Waiting extends Visitor {
    override wait = wait as never
  }
  expect(() => describeScenario(made({ users: [Waiting] }))).toThrow('wait of class Waiting is')
  expect(() => constant(-1)).toThrow('constant() is -1, which is not a duration')
})

test('a wait that burst did not make, a class without a name, and a class whose name is not a string are refused', () => {
  const waits = [
    5n,
    { kind: 'between', low: 1 },
    { kind: 'pacing', everyMs: 0 },
    { kind: 'between', lowMs: 0, highMs: Number.NaN },
  ]
  for (const wait of waits) {
    class Waiting extends Visitor {
      override wait = wait as never
    }
    expect(() => describeScenario(made({ users: [Waiting] }))).toThrow(/^wait of class Waiting is (?:5n|an object)$/)
  }
  class Named extends Visitor {
    static override readonly name = Symbol('x') as never
  }
  expect(() => describeScenario(made({ users: [Named] }))).toThrow("'static name' of a class in 'users' is Symbol(x)")
  expect(() => describeScenario(made({ users: [class extends Visitor {}] }))).toThrow('a class in users has no name')
})
