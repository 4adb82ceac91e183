import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import {
  type Expr,
  array,
  at,
  binary,
  bool,
  burst,
  call,
  constant,
  id,
  member,
  method,
  num,
  object,
  self,
  str,
} from '../scenario/code.ts'
import { valueName } from '../scenario/names.ts'
import { readScripts } from './scripts/variables.ts'
import { readCounter } from './controllers/variables.ts'
import { matchOf, readsFirst } from './responses/matches.ts'
import { fieldName } from './names.ts'
import { type Feed, type Plan, todoFor } from './plan.ts'
import { constantText } from './texts.ts'
import { type Element, itemsOf, textOf } from './xml.ts'

const mostBytes = 64 * 1024 * 1024
const extractors: Readonly<Record<string, string>> = {
  RegexExtractor: 'RegexExtractor.refname',
  BoundaryExtractor: 'BoundaryExtractor.refname',
  HtmlExtractor: 'HtmlExtractor.refname',
  JSONPostProcessor: 'JSONPostProcessor.referenceNames',
  JMESPathExtractor: 'JMESExtractor.referenceName',
  XPathExtractor: 'XPathExtractor.refname',
  XPath2Extractor: 'XPathExtractor2.refname',
}

/** Collects the constants, data files and variables of all elements. */
export function readVariables(plan: Plan, elements: readonly Element[]): void {
  for (const element of elements) {
    const defined =
      element.name === 'TestPlan' ? ['TestPlan.user_defined_variables', 'Arguments.arguments'] : ['Arguments.arguments']
    if (element.name === 'TestPlan' || element.name === 'Arguments')
      for (const one of itemsOf(element, ...defined))
        plan.constants.set(textOf(one, 'Argument.name'), textOf(one, 'Argument.value'))
    if (element.name === 'UserParameters') readParameters(plan, element)
    readFields(plan, element)
  }
  for (const element of elements) {
    if (element.name === 'CounterConfig') readCounter(plan, element)
    if (element.name === 'CSVDataSet') readData(plan, element)
  }
  readScripts(plan, elements)
}

/** Returns the variables that an extractor sets. */
function namesOf(element: Element): string[] {
  const key = Object.hasOwn(extractors, element.name) ? (extractors[element.name] ?? '') : ''
  if (key === '') return []
  const all = textOf(element, key).split(';')
  return all.map((name) => name.trim()).filter((name) => name !== '')
}

function readFields(plan: Plan, element: Element): void {
  for (const [index, name] of namesOf(element).entries()) {
    const isList = matchOf(element, index) === 'all' && !readsFirst(plan, element, name)
    const fields = isList ? plan.lists : plan.fields
    if (!fields.has(name)) fields.set(name, plan.memberNames.take(fieldName(name)))
  }
}

/** Reads a User Parameters element, which gives each user one of several lists of values. */
function readParameters(plan: Plan, element: Element): void {
  const names = itemsOf(element, 'UserParameters.names').map(({ text }) => text.trim())
  const values = itemsOf(element, 'UserParameters.thread_values').map(({ children }) =>
    children.map(({ text }) => text),
  )
  const [only = [], more] = values
  if (!more) return names.forEach((name, index) => void plan.constants.set(name, only[index] ?? ''))
  const list = plan.topNames.take('userParameters')
  const rows = values.map((row) =>
    object(names.map((key, index) => ({ key, value: str(constantText(plan, row[index] ?? '')) }))),
  )
  plan.top.push(constant(list, array(rows)))
  const own: Expr = { k: 'index', of: id(list), at: binary(member(self, 'index'), '%', num(values.length)) }
  for (const name of names) plan.computed.set(name, at({ k: 'present', of: own }, str(name)))
}

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
  const name = plan.topNames.take(valueName((path.split('/').at(-1) ?? '').replace(/\.\w+$/, ''), 'rows'))
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
  plan.dataFiles.set(element, feed)
  for (const column of columns) plan.columns.set(column, name)
}

/**
 * Returns the names in the first line of a data file. Returns null if the path is empty or absolute, or contains `..` or a variable. Also returns
 * null if the path does not lead to a regular file of at most 64 MiB.
 */
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
