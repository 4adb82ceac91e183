import { boundsS, countsByBound } from './bucket-bounds.ts'
import type { Labels, MetricFamily } from './families.ts'

/** The content type of the result of `prometheusText`. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

/** Returns the metrics in Prometheus' text format, version 0.0.4. */
export function prometheusText(families: readonly MetricFamily[]): string {
  return families.map((family) => `${headOf(family)}${linesOf(family).join('\n')}\n`).join('')
}

function headOf({ name, help, type }: MetricFamily): string {
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`
}

function linesOf(family: MetricFamily): string[] {
  const { name } = family
  if (family.type !== 'histogram') return family.samples.map(({ labels, value }) => line(name, labels, value))
  return family.samples.flatMap(({ labels, lengths }) => {
    let below = 0
    const buckets = countsByBound(lengths).map((count, k) =>
      line(`${name}_bucket`, { ...labels, le: String(boundsS[k] ?? '+Inf') }, (below += count)),
    )
    return [...buckets, line(`${name}_sum`, labels, lengths.sumUs / 1e6), line(`${name}_count`, labels, lengths.count)]
  })
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}{${pairs.join(',')}} ${value}`
}

/** Escapes a label. Half of a surrogate pair cannot be written in UTF-8, and Prometheus would refuse the whole answer. */
function escaped(text: string): string {
  return text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
