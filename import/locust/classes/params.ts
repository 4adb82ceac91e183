import type { Expr } from '../../scenario/code.ts'
import type { Method } from '../../scenario/model.ts'
import { declare } from '../code/context.ts'
import { translate } from '../code/translator.ts'
import { type Type, any, typeText } from '../code/types.ts'
import type { Frame, Module } from '../frame.ts'
import type { PyFunction } from '../python/syntax.ts'

/** Names that a variable must not hide. */
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

/** Parameters in TypeScript, typed by annotation, by default value, or as `any`. */
// oxlint-disable-next-line max-params -- it needs the parameters, the frame, and their known types
export function paramsOf(
  params: PyFunction['params'],
  frame: Frame,
  known: ReadonlyMap<string, Type> = new Map(),
): Method['params'] {
  // oxlint-disable-next-line complexity -- one condition for each form of the syntax
  return params.map((param) => {
    if (param.kind === 'dict' || param.kind === 'options') {
      const rest = declare(frame, param.name, { kind: 'dict', of: any, isRequest: param.kind === 'options' })
      return { name: rest.name, type: 'Record<string, any>', value: { k: 'object', entries: [] } }
    }
    const value = param.value && param.value.t !== 'none' ? translate(param.value, frame) : null
    const annotated =
      param.type?.t === 'name' && Object.hasOwn(byAnnotation, param.type.id) ? byAnnotation[param.type.id] : undefined
    const type = known.get(param.name) ?? annotated ?? (value && value.type.kind !== 'none' ? value.type : any)
    const variable = declare(frame, param.name, param.kind === 'list' ? { kind: 'list', of: any } : type)
    const isOptional = param.value?.t === 'none'
    const written =
      param.kind === 'list' ? 'any[]' : isOptional && type.kind !== 'any' ? `${typeText(type)} | null` : typeText(type)
    const standard: Expr | undefined = value ? value.expr : isOptional ? { k: 'null' } : undefined
    const isObvious = value !== null && ['str', 'num', 'bool'].includes(value.expr.k)
    return {
      name: variable.name,
      ...(!isObvious && { type: written }),
      ...(standard && { value: standard }),
      ...(param.kind === 'list' && { rest: true }),
    }
  })
}

const marks: Partial<Record<PyFunction['params'][number]['kind'], string>> = { dict: '**', options: '**=' }

/** The names of parameters. The parameter for all other named arguments has the prefix `**`, or `**=` if these are the options of a request. */
export function paramNames(params: PyFunction['params']): string[] {
  return params.map(({ name, kind }) => `${marks[kind] ?? ''}${name}`)
}

/** The first line of a docstring. */
export function docOf(doc: string): string[] {
  const first = doc
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '')
  return first === undefined ? [] : [first]
}
