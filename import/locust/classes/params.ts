import type { Param } from '../../scenario/code.ts'
import type { Method } from '../../scenario/model.ts'
import { declare } from '../code/context.ts'
import { translate } from '../code/translator.ts'
import { type Type, any, typeText } from '../code/value-types.ts'
import type { Frame, Module } from '../frame.ts'
import type { PyFunction, PyParam } from '../python/syntax.ts'

/**
 * Returns the names of all constants, functions and feeds. A local variable must not have one of these names, because it would hide the constant,
 * function or feed.
 */
export function localNames(module: Module): string[] {
  return [
    ...[...module.constants.values()].map(({ name }) => name),
    ...module.functionNames.values(),
    ...[...module.feeds.values()].map(({ name }) => name),
    ...[...module.records.values()].map(({ name }) => name),
  ]
}

const byAnnotation: Readonly<Record<string, Type>> = {
  str: { kind: 'str' },
  int: { kind: 'num' },
  float: { kind: 'num' },
  bool: { kind: 'bool' },
  dict: { kind: 'dict', of: any },
  list: { kind: 'list', of: any },
}

/**
 * Returns the parameters of a function in TypeScript. A plain parameter gets the type in `known`, or else the type of its annotation, or else the
 * type of its default value, or else `any`.
 */
export function paramsOf(
  params: PyFunction['params'],
  frame: Frame,
  known: ReadonlyMap<string, Type> = new Map(),
): Method['params'] {
  return params.map((param) => {
    if (param.kind === 'dict' || param.kind === 'options') {
      const rest = declare(frame, param.name, { kind: 'dict', of: any, isRequest: param.kind === 'options' })
      return { name: rest.name, type: 'Record<string, any>', value: { k: 'object', entries: [] } }
    }
    if (param.kind !== 'list') return plainParam(param, frame, known.get(param.name))
    const { name } = declare(frame, param.name, { kind: 'list', of: any })
    return { name, type: 'any[]', rest: true }
  })
}

function plainParam(param: PyParam, frame: Frame, known: Type | undefined): Param {
  if (param.value?.t === 'none') {
    const type = known ?? annotated(param) ?? any
    const { name } = declare(frame, param.name, type)
    return { name, type: type.kind === 'any' ? 'any' : `${typeText(type)} | null`, value: { k: 'null' } }
  }
  const value = param.value && translate(param.value, frame)
  const type = known ?? annotated(param) ?? (value && value.type.kind !== 'none' ? value.type : any)
  const { name } = declare(frame, param.name, type)
  if (!value) return { name, type: typeText(type) }
  const isObvious = ['str', 'num', 'bool'].includes(value.expr.k)
  return isObvious ? { name, value: value.expr } : { name, type: typeText(type), value: value.expr }
}

function annotated({ type }: PyParam): Type | undefined {
  return type?.t === 'name' && Object.hasOwn(byAnnotation, type.id) ? byAnnotation[type.id] : undefined
}

const marks: Partial<Record<PyFunction['params'][number]['kind'], string>> = { dict: '**', options: '**=' }

/**
 * Returns the names of parameters. The name of a `**kwargs` parameter gets the prefix `**`, or the prefix `**=` if the parameter contains the options
 * of a request.
 */
export function paramNames(params: PyFunction['params']): string[] {
  return params.map(({ name, kind }) => `${marks[kind] ?? ''}${name}`)
}

/** Returns the first line of a docstring. */
export function docOf(doc: string): string[] {
  const first = doc
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '')
  return first === undefined ? [] : [first]
}
