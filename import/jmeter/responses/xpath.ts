import type { Found } from '../../requests/request.ts'

const htmlNames = new Set(
  'html head body title meta form input select option textarea button label fieldset div span p a h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th img section article header footer main nav aside strong em b i pre code'.split(
    ' ',
  ),
)

/** Matches one step of an XPath: the name of an element, and its conditions in brackets. */
const step = /(\/\/?)([\w.:-]+|\*)((?:\[[^[\]]{1,200}\])*)/y
const attributeTest = /^@([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')$/
const partTest = /^contains\(\s*@([\w:-]+)\s*,\s*(?:"([^"]*)"|'([^']*)')\s*\)$/
const localName = /^\/\/\*\[local-name\(\)\s*=\s*["']([\w.-]+)["']\]$/

/**
 * Translates an XPath expression. An element of an HTML page becomes a CSS selector, and the text of an XML element becomes a regular expression.
 * Returns null for any other expression.
 */
export function foundByXPath(expression: string, otherwise: string): Found | null {
  const inner = /^(?:string|normalize-space)\(([^()]+)\)$/.exec(expression.trim())?.[1] ?? expression.trim()
  const [, path = '', end = ''] = /^(.*?)(\/text\(\)|\/@[\w:-]+)?$/s.exec(inner) ?? []
  const css = selectorOf(path)
  if (css !== null) return { css, attribute: end.startsWith('/@') ? end.slice(2) : '', otherwise }
  const name = localName.exec(path)?.[1] ?? /^\/\/(?:[\w.-]+:)?([\w.-]+)$/.exec(path)?.[1]
  if (name === undefined) return null
  const element = `<(?:[\\w.-]+:)?${name.replaceAll(/[.-]/g, String.raw`\$&`)}`
  const attribute = `\\s[^>]*?\\b${end.slice(2)}=["']([^"']*)["']`
  return { match: end.startsWith('/@') ? element + attribute : `${element}(?:\\s[^>]*)?>([^<]*)<`, otherwise }
}

/** Returns a CSS selector for a path of HTML elements; null for any other path. */
function selectorOf(path: string): string | null {
  let css = ''
  step.lastIndex = 0
  while (step.lastIndex < path.length) {
    const [, slash, name = '', tests = ''] = step.exec(path) ?? []
    if (slash === undefined || !(name === '*' ? tests !== '' : htmlNames.has(name))) return null
    const conditions = [...tests.matchAll(/\[([^[\]]+)\]/g)].map(([, test = '']) => conditionOf(test.trim(), name))
    if (conditions.includes(null) || (css === '' && slash === '/' && name !== 'html')) return null
    css += `${css === '' ? '' : slash === '/' ? ' > ' : ' '}${name === '*' ? '' : name}${conditions.join('')}`
  }
  return css === '' ? null : css
}

function conditionOf(test: string, name: string): string | null {
  if (/^[1-9]\d{0,3}$/.test(test)) return name === '*' ? null : `:nth-of-type(${test})`
  if (/^@[\w:-]+$/.test(test)) return `[${test.slice(1)}]`
  const [, key, ...texts] = attributeTest.exec(test) ?? partTest.exec(test) ?? []
  if (key === undefined) return null
  const text = texts.find((one) => one !== undefined) ?? ''
  return /["\\\n]/.test(text) ? null : `[${key}${attributeTest.test(test) ? '' : '*'}="${text}"]`
}
