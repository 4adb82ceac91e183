import type { Stmt } from '../scenario/code.ts'
import { valueName } from '../scenario/names.ts'
import { leftDecorators } from './classes/kinds.ts'
import { docOf, paramsOf } from './classes/params.ts'
import { tidied } from './classes/tidied.ts'
import { Lost, todoFor } from './code/context.ts'
import { block } from './code/translator.ts'
import { typeText } from './code/value-types.ts'
import { isContextManager, isGenerator } from './code/yields.ts'
import type { Frame, Module } from './frame.ts'
import { moduleFrame } from './module-frame.ts'
import type { PyStmt } from './python/syntax.ts'

/** Returns the functions of the locustfile, except tasks, context managers and the listeners in `left`. */
export function functionsOf(module: Module, left: ReadonlySet<string>): Stmt[] {
  return [...module.functions.values()].flatMap((fn): Stmt[] => {
    const name = module.functionNames.get(fn.name)
    if (name === undefined || left.has(fn.name) || isContextManager(fn.decorators)) return []
    try {
      return [functionStmt(module, name, fn)]
    } catch (error) {
      if (!(error instanceof Lost)) throw error
      return [todoFor({ module }, { ...error.py, from: fn.from, to: fn.from + 80, at: fn.at }, error.why)]
    }
  })
}

type ModuleFunction = Module['functions'] extends ReadonlyMap<string, infer T> ? T : never

function functionStmt(module: Module, name: string, fn: ModuleFunction): Stmt {
  const generator = isGenerator(fn)
  const frame = moduleFrame(module, fn.body)
  const params = paramsOf(fn.params, frame, module.parameters.get(fn.name))
  const [user] = fn.params.flatMap((param) =>
    frame.scope.get(param.name)?.type.kind === 'user' ? [frame.scope.get(param.name)] : [],
  )
  const judged = fn.params.find((param) => frame.scope.get(param.name)?.type.kind === 'response')?.name ?? null
  const self = user ? { self: userSelf(user.name, fn) } : {}
  const own: Frame = { ...frame, judged, ...self, isTask: generator || frame.isTask }
  const left = leftDecorators(fn).map((one) => todoFor({ module }, one, 'the decorator is left out'))
  const body = [...left, ...tidied(block(fn.body, own, true))]
  const isAsync = module.asynchronous.has(fn.name)
  if (own.returns) module.constants.set(`${fn.name}()`, { name, type: own.returns })
  return {
    k: 'function',
    fn: {
      name,
      params,
      async: isAsync,
      ...(generator && { generator }),
      body,
      ...(fn.doc !== null && { doc: docOf(fn.doc) }),
      ...resultOf(own, fn.body, isAsync),
    },
  }
}

/** Returns the declared type of the result, if it is known. */
function resultOf({ returns }: Frame, body: readonly PyStmt[], isAsync: boolean): { returns?: string } {
  if (!returns || typeText(returns) === 'any' || mayEndOpen(body)) return {}
  return { returns: isAsync ? `Promise<${typeText(returns)}>` : typeText(returns) }
}

/** Returns true if a function may end without `return`. */
function mayEndOpen(body: readonly PyStmt[]): boolean {
  const last = body.at(-1)
  return last?.t !== 'return' || last.of === null || JSON.stringify(body).includes('"t":"return","of":null')
}

function userSelf(name: string, fn: { params: readonly { name: string }[] }): Frame['self'] {
  return {
    name: fn.params.find((param) => valueName(param.name) === name)?.name ?? 'self',
    kind: 'user',
    expr: { k: 'id', name },
    leave: [{ k: 'return' }],
    pause: [],
    host: null,
    memberOf: () => undefined,
  }
}
