import type { Expr, Param, Pattern } from '../code.ts'
import { type Doc, brokenGroup, group, hardline, ifBroken, indent, join, line, softline, unwrapped } from './doc.ts'
import { propertyKey } from './literals.ts'
import { binaryParts, within } from './operators.ts'
import { printBlock, printExpr } from './printer.ts'

export type Arrow = Extract<Expr, { k: 'arrow' }>

export function printArrow({ params, body, async }: Arrow, broken = false): Doc {
  const head: Doc = [async ? 'async ' : '', printParams(params), ' =>']
  if (isStatements(body)) return group(head, ' ', printBlock(body))
  if (broken && (body.k === 'object' || body.k === 'array')) {
    const opened = brokenGroup(unwrapped(printExpr(body)))
    return [head, ' ', body.k === 'object' ? ['(', opened, ')'] : opened]
  }
  if (broken && body.k === 'call') return [head, indent(hardline, printExpr(body)), ',', hardline]
  if (body.k === 'object') return group(head, ' (', printExpr(body), ')')
  const printed = body.k === 'binary' ? group(binaryParts(body)) : within(body, 2)
  if (['array', 'template', 'arrow'].includes(body.k)) return group(head, ' ', printed)
  return body.k === 'cond'
    ? group(head, group(indent(line, ifBroken('', '('), printed, ifBroken('', ')'))))
    : group(head, group(indent(line, printed)))
}

export function isStatements(body: Arrow['body']): body is Extract<Arrow['body'], readonly unknown[]> {
  return Array.isArray(body)
}

export function printParams(params: readonly Param[]): Doc {
  if (params.length === 0) return '()'
  const [only] = params
  if (only && params.length === 1 && typeof only.name === 'string' && !only.value) return ['(', printParam(only), ')']
  return group('(', indent(softline, join([',', line], params.map(printParam))), ifBroken(',', ''), softline, ')')
}

function printParam({ name, type, value, rest }: Param): Doc {
  return [
    rest ? '...' : '',
    printPattern(name),
    type === undefined ? '' : `: ${type}`,
    value ? [' = ', printExpr(value)] : '',
  ]
}

export function printPattern(name: string | Pattern): string {
  if (typeof name === 'string') return name
  if ('array' in name)
    return `[${name.array
      .map((one, index) => (one === null ? '' : `${index > 0 ? ' ' : ''}${printPattern(one)}`))
      .join(',')
      .replace(/,+$/, '')}]`
  const parts = name.object.map(([key, own]) => (key === own ? key : `${propertyKey(key)}: ${own}`))
  return `{ ${parts.join(', ')} }`
}
