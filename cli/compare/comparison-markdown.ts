import { type ComparedRow, type Comparison, measures } from '../../core/compare/compare-reports.ts'
import {
  figureTexts,
  findingOf,
  hasChanged,
  measureNames,
  rowName,
  runWords,
} from '../../core/compare/comparison-words.ts'
import { escapeHtml } from '../../core/report/html/markup.ts'

const signs = { worse: '❌', better: '✅', none: '➖', unknown: '❔' }

/**
 * Returns a comparison as Markdown for a pull request: the verdict, the two runs, the totals of all requests, a folded table with every value of
 * every name, and the remarks.
 */
export function comparisonMarkdown(comparison: Comparison): string {
  const { result, headline, details } = findingOf(comparison)
  const [all, ...names] = comparison.rows
  return [
    `**${signs[result]} ${escaped(headline)}**`,
    `- old: ${escaped(runWords(comparison.older))}\n- new: ${escaped(runWords(comparison.newer))}`,
    tableOf([all as ComparedRow]),
    ...(names.length > 0 ? [`<details><summary>By name</summary>\n\n${tableOf(names)}\n\n</details>`] : []),
    details.map((text) => `- ${escaped(text)}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .replaceAll('\u00A0', ' ')
}

function tableOf(rows: readonly ComparedRow[]): string {
  const lines = rows.flatMap((row) =>
    measures.map((measure, k) => {
      const compared = row.measures[measure]
      const { older, newer, difference, relative, interval, change } = figureTexts(measure, compared)
      const word = escaped(change)
      return [
        k === 0 ? escaped(rowName(row)) : '',
        measureNames[measure],
        older,
        newer,
        `${difference}${relative === '' ? '' : ` (${relative})`}`,
        interval,
        hasChanged(compared) ? `**${word}**` : word,
      ]
    }),
  )
  const head = ['name', 'figure', 'old', 'new', 'difference', '95 % interval', '']
  const rule = ['---', '---', '---:', '---:', '---:', '---:', '---']
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Converts a string of a report to one line, and escapes it for Markdown and HTML. */
function escaped(text: string): string {
  return escapeHtml(text.replaceAll(/\s+/g, (space) => (space === '\u00A0' ? space : ' '))).replaceAll(
    /[\\`*_[\]|~#!@]/g,
    (char) => `&#${char.charCodeAt(0)};`,
  )
}
