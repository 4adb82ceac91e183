import { num, str } from '../../scenario/code.ts'
import { fieldName } from '../names.ts'
import type { Plan } from '../plan.ts'
import { constantText } from '../texts.ts'
import type { Element } from '../xml.ts'
import { isScript, scriptOf } from './script.ts'

const setting = /vars(?:\.(?:put|remove)\(\s*|\[\s*)["']([^"'$]+)["']|vars\.([A-Za-z_]\w*)\s*=(?!=)/g

/** Collects the variables that scripts set. If a translated statement sets a variable, the variable becomes a field of the user. */
export function readScripts(plan: Plan, elements: readonly Element[]): void {
  const scripts = elements.filter(isScript)
  const named = scripts.flatMap(({ children }) => children.flatMap(({ text }) => [...text.matchAll(setting)]))
  for (const name of plan.fields.keys()) plan.scripts.extracted.add(name)
  const { extracted } = plan.scripts
  for (const [, quoted, plain] of named) {
    const name = quoted ?? plain ?? ''
    if (!plan.fields.has(name)) plan.fields.set(name, plan.memberNames.take(fieldName(name)))
  }
  tryScripts(plan, scripts)
  for (const [name, field] of plan.fields) {
    const puts = plan.scripts.puts.get(name)
    if (!extracted.has(name) && !puts) plan.fields.delete(name)
    else readFirst(plan, { name, field, isNumber: !extracted.has(name) && (puts ?? []).every(Boolean) })
  }
}

/** Translates the scripts once, only to find the variables that the scripts set. The translation and the comments are not used. */
function tryScripts(plan: Plan, scripts: readonly Element[]): void {
  const { notes, left, localNames, names } = plan
  Object.assign(plan, { notes: new Set(notes), localNames: new Set(localNames), names: names.copy() })
  for (const script of scripts) scriptOf(plan, script)
  Object.assign(plan, { notes, left, localNames, names })
}

/** A variable begins with the value that the plan defines. The variable becomes a number if all of its values are numbers. */
function readFirst(plan: Plan, { name, field, isNumber }: { name: string; field: string; isNumber: boolean }): void {
  const text = constantText(plan, plan.constants.get(name) ?? '')
  const isNumeric = isNumber && !plan.scripts.nullable.has(field) && /^(?:-?\d{1,9})?$/.test(text)
  if (isNumeric) plan.numeric.add(field)
  if (isNumeric) plan.scripts.initial.set(field, num(Number(text)))
  else if (text !== '' && !text.includes('${')) plan.scripts.initial.set(field, str(text))
}
