import { type Expr, call, fromModule, member, str } from '../../scenario/code.ts'
import { text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import { dataPath } from '../module.ts'
import type { Call } from '../python/syntax.ts'
import { filePath } from './paths.ts'

/** Returns the code that reads a text file. The path is relative to the folder of the scenario. */
export const readText = (path: Expr): Expr =>
  call(
    fromModule('readFileSync', 'node:fs'),
    call(fromModule('join', 'node:path'), member({ k: 'id', name: 'import.meta' }, 'dirname'), path),
    str('utf8'),
  )

/** Translates `(HERE / "terms.json").read_text()` and `.open()` for a file with a constant path. Returns null for any other call. */
export function ofPath(py: Call, frame: Frame): Value | null {
  if (py.of.t !== 'attr' || !['read_text', 'open'].includes(py.of.name) || py.of.of.t === 'str') return null
  const path = filePath(py.of.of, frame)
  if (path === null || path === '') return null
  const expr = str(dataPath(frame.module, path))
  return py.of.name === 'open' ? { expr, type: { kind: 'file' } } : { expr: readText(expr), type: text }
}
