import { resolve } from 'node:path'
import { invalidInput } from '../../core/errors.ts'
import { type Entry, type Expr, type Stmt, array, arrow, id, member, object, str } from '../scenario/code.ts'
import type { ScenarioModel } from '../scenario/model.ts'
import { namesIn } from '../scenario/walk.ts'
import { expression } from './code/expressions.ts'
import { fnExpr, fnParts } from './code/functions.ts'
import { block } from './code/statements/statements.ts'
import { type Exec, classesOf, execsOf } from './classes.ts'
import { ownName, patternOf } from './code/names.ts'
import { type Frame, note } from './frame.ts'
import { feedsOf } from './feeds.ts'
import { type Declared, declarationsOf, isWaiting } from './module.ts'
import { type Part, partsOf } from './http/objects.ts'
import { settingsEntries } from '../requests/settings.ts'
import { loadExpr, workloadsOf } from './options/load.ts'
import { networkOf } from './options/network.ts'
import { markRates, thresholdsOf } from './options/thresholds.ts'
import { readScript } from './source.ts'
import { namesOf as declaredNames } from './syntax.ts'
import { hookFunctions, topOf } from './top.ts'

/**
 * Translates a k6 script to a scenario.
 * @throws BurstError (104) when the script cannot be read, or does not export a function for users
 */
export async function importK6(
  file: string,
  text: string,
  { folder, prefix }: { folder: string; prefix: string },
): Promise<ScenarioModel> {
  const script = await readScript(file, text, resolve(folder))
  const translator = { expression, block, fn: fnExpr, isWaiting }
  const declared = declarationsOf(script, { prefix, folder, translator })
  const { module } = declared
  const frame: Frame = { module, mode: 'module', scope: new Map(), before: [], group: null, folded: new Map() }
  const feeds = feedsOf(module)
  const top = topOf(declared, feeds)
  const options = optionsOf(declared, frame)
  markRates(options, frame)
  const workloads = workloadsOf(options, frame)
  const execs = execsOf(declared, workloads, frame)
  if (execs.length === 0) throw withoutUsers(file)
  const network = networkOf(options, frame)
  const classes = classesOf(declared, execs, { frame, options, network })
  const hooks = hooksOf(declared, frame)
  const functions = hookFunctions(module)
  const host = commonHost(declared)
  for (const fact of module.facts) fact.settle(host)
  const { thresholds, abortOn } = thresholdsOf(options, { frame, host, scenarios: namesOf(execs) })
  noteSummary(declared, frame)
  return {
    about: [],
    top: [...top, ...functions],
    classes,
    notes: frame.before.flatMap((one) => (one.k === 'comment' ? [one.text] : [])),
    options: [
      ...entry('host', host !== '' && str(host)),
      ...settingsEntries(network.settings),
      ...entry('load', loadExpr(workloads.filter(({ kind }) => kind === workloads[0]?.kind))),
      ...entry('thresholds', thresholds.length > 0 && array(thresholds.map(str))),
      ...entry('abortOn', abortOn.length > 0 && array(abortOn.map(abortEntry))),
      ...hooks.map(withRun),
    ],
  }
}

/** Returns the k6 scenarios whose names become tags of tasks. A task that several scenarios run has no such tag. */
function namesOf(execs: readonly Exec[]): Set<string> {
  return new Set(execs.flatMap(({ scenario, title }) => (scenario === title ? [title] : [])))
}

function withoutUsers(file: string): Error {
  const hint = 'a k6 script has export default function () { … }'
  return invalidInput(`${file} exports no function for users`, { at: `${file}:1`, hint })
}

function entry(key: string, value: Expr | false | null): Entry[] {
  return value ? [{ key, value }] : []
}

function abortEntry({ threshold, over }: { threshold: string; over: string }): Expr {
  return object([
    { key: 'threshold', value: str(threshold) },
    { key: 'over', value: str(over) },
  ])
}

function optionsOf({ module, exports }: Declared, frame: Frame): Part[] {
  const name = exports.get('options')
  const found = name === undefined ? undefined : module.constants.get(name)
  if (!found?.init) return []
  const parts = partsOf({ type: 'Identifier', name, start: 0, end: 0 } as never, frame)
  if (!parts) note(found.at, frame, 'these options cannot be determined')
  return parts ?? []
}

/** Returns the origin of most requests. */
function commonHost({ module }: Declared): string {
  const counts = new Map<string, number>()
  for (const { origin } of module.facts) if (origin !== '') counts.set(origin, (counts.get(origin) ?? 0) + 1)
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a)
  return first?.[0] ?? ''
}

/** Translates `setup` and `teardown` to `beforeRun` and `afterRun`. */
function hooksOf({ module, exports }: Declared, frame: Frame): Entry[] {
  return [
    ['setup', 'beforeRun'],
    ['teardown', 'afterRun'],
  ].flatMap(([from = '', key = '']) => {
    const fn = module.functions.get(exports.get(from) ?? '')
    if (!fn) return []
    const scope: Frame['scope'] = new Map()
    const [data] = fn.params
    const given: Expr = { k: 'as', of: member(id('run'), 'data'), type: 'any' }
    const shape = data ? patternOf(data) : null
    const first: Stmt[] = shape ? [{ k: 'var', kind: 'const', name: shape, value: given }] : []
    for (const name of declaredNames(data ?? null)) scope.set(name, { expr: id(ownName(name)), kind: 'any' })
    const { body } = fnParts({ ...fn, params: [] }, { ...frame, mode: 'hook', scope, folded: new Map() })
    const used = namesIn(body)
    const isUsed = declaredNames(data ?? null).some((name) => used.has(ownName(name)))
    const stmts = [...(isUsed ? first : []), ...body]
    return stmts.length === 0 ? [] : [{ key, value: arrow([], stmts, true) }]
  })
}

/**
 * Returns a hook. The hook has the parameter `run` if its code uses the host, the data or the variables of the run, or calls a function that uses
 * them.
 */
function withRun(hook: Entry): Entry {
  if (!('key' in hook) || hook.value.k !== 'arrow' || !namesIn(hook.value.body).has('run')) return hook
  return { ...hook, value: { ...hook.value, params: [{ name: 'run' }] } }
}

function noteSummary({ module, exports }: Declared, frame: Frame): void {
  const fn = module.functions.get(exports.get('handleSummary') ?? '')
  if (fn) note(fn, frame, 'burst always writes report.html, report.json, junit.xml and CSV files')
}
