import { expect, test } from 'vitest'
import { task } from '../../../core/authoring/task.ts'
import { HttpUser } from '../../../core/authoring/http-user.ts'
import { describeScenario } from '../../../core/authoring/describing/describe-scenario.ts'
import { scenario } from '../../../core/authoring/definition.ts'

class Plain extends HttpUser {
  async home() {}
}
const listed = (tasks: unknown): new () => HttpUser =>
  class Listed extends Plain {
    override tasks = tasks as object
  }

test.each<[string, () => unknown, string]>([
  ['parentheses without a weight', () => (task as () => unknown)(), '@task() has no weight'],
  ['a string as the weight', () => task('3' as never), 'the weight of @task is "3"'],
  ['tags instead of a weight', () => task(['a'] as never), 'the weight of @task is a list of 1 item'],
  ['one tag that is not in a list', () => task(1, { tags: 'a' } as never), 'tags of @task is "a"'],
  [
    'a misspelt option',
    () => task(1, { tag: ['a'] } as never),
    "the second argument of @task has an unknown option 'tag'",
  ],
  ['tags as a second argument', () => task(1, ['a'] as never), 'the second argument of @task is a list of 1 item'],
  ...[task, task(2)].flatMap((decorator): [string, () => unknown, string][] => {
    const on = (method: unknown, context: object) => () =>
      (decorator as (...args: unknown[]) => unknown)(method, context)
    return [
      ['a field', on(undefined, { kind: 'field', name: 'home' }), "@task is applied to the field 'home'"],
      ['a getter', on(() => 1, { kind: 'getter', name: 'home' }), "@task is applied to the getter 'home'"],
      ['a class', on(Plain, { kind: 'class', name: 'Plain' }), "@task is applied to the class 'Plain'"],
      [
        'a static method',
        on(() => 1, { kind: 'method', name: 'home', static: true }),
        "@task is applied to the static method 'home'",
      ],
      [
        'a private method',
        on(() => 1, { kind: 'method', name: '#home', private: true }),
        "@task is applied to '#home'",
      ],
    ]
  }),
])('@task with %s is refused with an error of one sentence', (_, make, sentence) => {
  expect(make).toThrow(sentence)
})

test.each<[string, new () => HttpUser, string]>([
  ['a list', listed(['home']), "'tasks' of class Listed is a list of 1 item"],
  ['a name', listed('home'), '\'tasks\' of class Listed is "home"'],
  ['null', listed(null), "'tasks' of class Listed is null"],
  ['functions as weights', listed({ home: () => 1 }), "the weight of 'home' in 'tasks' of class Listed is a function"],
  [
    'a method of HttpUser',
    listed({ sleep: 1 }),
    "'tasks' of class Listed names 'sleep', but the class has no such method",
  ],
  [
    'a method of Object',
    listed({ toString: 1 }),
    "'tasks' of class Listed names 'toString', but the class has no such",
  ],
  ['onStart', listed({ onStart: 1 }), "class Listed lists 'onStart' as a task, but burst calls this method itself"],
  [
    'a field that replaces a field of HttpUser',
    class Field extends HttpUser {
      override tasks = { index: 1 }
      override index = (async () => {}) as never
    },
    "task 'index' of class Field is a field, and the field replaces burst's own this.index",
  ],
  [
    'a generator',
    class Star extends HttpUser {
      override tasks = { home: 1 }
      async *home() {}
    },
    "task 'home' of class Star is a generator function, which burst does not run",
  ],
  [
    'an onStart that is a string',
    class Text extends Plain {
      override onStart = '' as never
    },
    'onStart of class Text is ""',
  ],
  [
    'an onStop that is an object',
    class Fields extends Plain {
      override onStop = {} as never
    },
    'onStop of class Fields is an object',
  ],
  [
    'an onStart that is a generator',
    class Star extends Plain {
      override onStart = async function* () {} as never
    },
    'onStart of class Star is a generator function, which burst does not run',
  ],
  [
    'a method that HttpUser hides',
    class Hidden extends Plain {
      override tasks = { home: 1 }
      static {
        Object.defineProperty(this.prototype, 'data', { value: async () => {}, enumerable: false })
      }
    },
    "class Hidden has a method 'data', but burst's own this.data hides the method",
  ],
])('a class whose `tasks` is or contains %s is refused with an error of one sentence', (_, userClass, sentence) => {
  expect(() => describeScenario(scenario({ host: 'http://shop.example', users: [userClass] }))).toThrow(sentence)
})
