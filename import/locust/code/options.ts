import { at, binary, call, id, member, str } from '../../scenario/code.ts'
import type { Frame, Value } from '../frame.ts'
import type { Py } from '../python/syntax.ts'
import { Lost } from './context.ts'
import { translate } from './translator.ts'
import { number, text } from './value-types.ts'

/**
 * Translates `parsed_options.x` to `this.vars.x ?? value`. If the declaration of the option has a default, and this default is a string or a number,
 * `value` is the default. Otherwise, `value` is an empty string.
 */
export function optionValue(py: Extract<Py, { t: 'attr' }>, frame: Frame): Value {
  if (!frame.self || frame.self.kind === 'shape') throw new Lost(py)
  const given = member(member(frame.self.expr, 'vars'), py.name)
  const standard = frame.module.options.get(py.name)
  const other = standard ? translate(standard, frame) : { expr: str(''), type: text }
  if (other.type.kind === 'num') return { expr: call(id('Number'), binary(given, '??', other.expr)), type: number }
  return { expr: binary(given, '??', other.type.kind === 'str' ? other.expr : str('')), type: text }
}

/** `os.environ["X"]` */
export function variableOf(name: Py, frame: Frame): Value {
  return { expr: binary(at(member(id('process'), 'env'), translate(name, frame).expr), '??', str('')), type: text }
}
