import type { MetricFamily } from './families.ts'
import { type Sampled, sampledSeries } from './sampled.ts'

/** The content type of the result of `prometheusText`. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

/** Returns the metrics in Prometheus' text format, version 0.0.4. */
export function prometheusText(families: readonly MetricFamily[]): string {
  return families.map((family) => `${headOf(family)}${sampledSeries(family).map(line).join('\n')}\n`).join('')
}

function headOf({ name, help, type }: MetricFamily): string {
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`
}

function line({ name, labels, value }: Sampled): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}{${pairs.join(',')}} ${value}`
}

/**
 * Escapes a label. Replaces halves of surrogate pairs, because they cannot be encoded in UTF-8. Prometheus would otherwise refuse the whole response.
 */
function escaped(text: string): string {
  return text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
