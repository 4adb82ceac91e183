import type { Plan } from '../plan.ts'
import { type Element, textOf } from '../xml.ts'

/** The match that an extractor uses: all matches, a random match, or the match with a given number. The first match has the number 0. */
export type Match = 'all' | 'random' | number

const numbers: Readonly<Record<string, string>> = {
  RegexExtractor: 'RegexExtractor.match_number',
  BoundaryExtractor: 'BoundaryExtractor.match_number',
  HtmlExtractor: 'HtmlExtractor.match_number',
  JSONPostProcessor: 'JSONPostProcessor.match_numbers',
  JMESPathExtractor: 'JMESExtractor.matchNumber',
  XPathExtractor: 'XPathExtractor.matchNumber',
  XPath2Extractor: 'XPathExtractor2.matchNumber',
}

/** Returns the match that an extractor uses for one of its variables; null if the match number in the plan is not a constant. */
export function matchOf(element: Element, index = 0): Match | null {
  const key = Object.hasOwn(numbers, element.name) ? (numbers[element.name] ?? '') : ''
  const all = textOf(element, key).split(';')
  const text = (all[index] ?? all[0] ?? '').trim()
  if (text === '' || text === '0') return 'random'
  if (!/^-?\d{1,6}$/.test(text)) return null
  const number = Number(text)
  return number < 0 ? 'all' : number - 1
}

/**
 * Returns true if the plan reads the variable of an XPath extractor by its plain name, without a suffix such as `_1`. JMeter sets this variable to
 * the first match, even with the match number -1.
 */
export function readsFirst({ lines }: Plan, { name: kind }: Element, name: string): boolean {
  return kind.startsWith('XPath') && lines.some((line) => line.includes(`\${${name}}`))
}
