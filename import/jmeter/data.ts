import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import {
  type Expr,
  array,
  binary,
  bool,
  burst,
  call,
  member,
  method,
  num,
  object,
  self,
  str,
} from '../scenario/code.ts'
import { Names, membersOfUser, valueName } from '../scenario/names.ts'
import { type Feed, type Plan, todoFor } from './plan.ts'
import { constantText, numberIn } from './texts.ts'
import { type Element, itemsOf, textOf } from './xml.ts'

const mostBytes = 64 * 1024 * 1024
const extractors: Readonly<Record<string, string>> = {
  RegexExtractor: 'RegexExtractor.refname',
  BoundaryExtractor: 'BoundaryExtractor.refname',
  HtmlExtractor: 'HtmlExtractor.refname',
  JSONPostProcessor: 'JSONPostProcessor.referenceNames',
}

/** Collects the constants, data files and variables of all elements. */
export function readVariables(plan: Plan, elements: readonly Element[], names: Names): void {
  for (const element of elements) {
    const defined =
      element.name === 'TestPlan' ? ['TestPlan.user_defined_variables', 'Arguments.arguments'] : ['Arguments.arguments']
    if (element.name === 'TestPlan' || element.name === 'Arguments')
      for (const one of itemsOf(element, ...defined))
        plan.constants.set(textOf(one, 'Argument.name'), textOf(one, 'Argument.value'))
    readComputed(plan, element)
    const key = Object.hasOwn(extractors, element.name) ? (extractors[element.name] ?? '') : ''
    const found =
      key === ''
        ? []
        : textOf(element, key)
            .split(';')
            .map((name) => name.trim())
    for (const name of found)
      if (name !== '' && !plan.fields.has(name)) plan.fields.set(name, names.take(fieldName(name)))
  }
  for (const element of elements) if (element.name === 'CSVDataSet') readData(plan, element)
}

/** Reads counters, random variables, and the first values of user parameters. */
function readComputed(plan: Plan, element: Element): void {
  const number = (name: string, otherwise: number): number => numberIn(plan, textOf(element, name)) ?? otherwise
  if (element.name === 'CounterConfig') {
    plan.usesIteration = true
    const [start, step] = [number('CounterConfig.start', 0), number('CounterConfig.incr', 1)]
    const count = binary(member(self, 'iteration'), '-', num(1))
    const times = step === 1 ? count : binary({ ...count }, '*', num(step))
    plan.computed.set(
      textOf(element, 'CounterConfig.name'),
      start === 1 && step === 1 ? member(self, 'iteration') : binary(num(start), '+', times),
    )
    plan.notes.add(todoFor(plan, element, 'here each user counts its own iterations, without an end or a format'))
  }
  if (element.name === 'RandomVariableConfig') {
    const [low, high] = [number('minimumValue', 0), number('maximumValue', 100)]
    plan.computed.set(textOf(element, 'variableName'), method(member(self, 'random'), 'int', num(low), num(high)))
    plan.notes.add(todoFor(plan, element, 'here each use of the variable draws another number, without a format'))
  }
  if (element.name !== 'UserParameters') return
  const [values] = itemsOf(element, 'UserParameters.thread_values')
  for (const [index, name] of itemsOf(element, 'UserParameters.names').entries())
    plan.constants.set(name.text.trim(), values?.children[index]?.text ?? '')
}

function fieldName(name: string): string {
  const own = valueName(name)
  return membersOfUser.has(own) || own === 'iteration' ? `${own}_` : own
}

const ofBurst = ['csv', 'file', 'hold', 'ramp', 'scenario', 'task', 'randomText', 'drawNormal', 'join', 'readFileSync']

function readData(plan: Plan, element: Element): void {
  const path = constantText(plan, textOf(element, 'filename')).replaceAll('\\', '/')
  const given = constantText(plan, textOf(element, 'variableNames'))
  const delimiter = textOf(element, 'delimiter') === String.raw`\t` ? '\t' : textOf(element, 'delimiter') || ','
  const header = headerOf(plan, path, delimiter)
  const wanted = given
    .split(/[,;]/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
  const columns = wanted.length > 0 ? wanted : (header ?? [])
  const taken = [...ofBurst, ...plan.feeds.keys()]
  const name = new Names(taken).take(valueName((path.split('/').at(-1) ?? '').replace(/\.\w+$/, ''), 'rows'))
  const isNamed = header === null ? false : columns.every((column) => header.includes(column))
  const feed: Feed = {
    name,
    path: plan.prefix === '' ? path : posix.join(plan.prefix, path),
    columns,
    delimiter,
    isRecycled: textOf(element, 'recycle') !== 'false',
    note: isNamed
      ? null
      : todoFor(plan, element, `the first line of ${path} must name the columns: ${columns.join(delimiter)}`),
  }
  plan.feeds.set(name, feed)
  for (const column of columns) plan.columns.set(column, name)
}

/** Returns the names in the first line of a data file; null if the file does not exist. */
function headerOf({ folder }: Plan, path: string, delimiter: string): string[] | null {
  if (path === '' || /^[/\\]|^[a-z]:|\.\.|\0|\$\{/i.test(path)) return null
  const whole = join(folder, path)
  if (!existsSync(whole) || !statSync(whole).isFile() || statSync(whole).size > mostBytes) return null
  const [first = ''] = readFileSync(whole, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n|\r/, 1)
  return first.split(delimiter).map((one) => one.trim().replaceAll(/^"|"$/g, ''))
}

/** Returns, for example, `csv('users.csv', ['name']).unique({ recycle: true })`. */
export function feedExpr({ path, columns, delimiter, isRecycled }: Feed): Expr {
  const options = delimiter === ',' ? [] : [object([{ key: 'delimiter', value: str(delimiter) }])]
  const rows = call(burst('csv'), str(path), array(columns.map(str)), ...options)
  return method(rows, 'unique', ...(isRecycled ? [object([{ key: 'recycle', value: bool(true) }])] : []))
}
