/** The median, the least and the greatest value of all rounds. */
export interface Spread {
  median: number
  least: number
  greatest: number
}

/** A measured quantity and its baseline. Each round measures the quantity and the baseline. */
export interface Figure {
  /** The key in `history.jsonl`, such as `engine.cpuPerRequest`. */
  key: string
  /** The name of the measurement in the table. */
  title: string
  unit: string
  value: Spread
  baseline: { title: string; value: Spread } | null
  /** The ratio of the value to the baseline, computed in each round; null without a baseline. */
  ratio: Spread | null
  /** The goal as the table shows it; null if there is no goal. */
  goal: string | null
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (place: number): number => sorted[place] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, least: at(0), greatest: at(sorted.length - 1) }
}

/** Computes a measurement from the values of each round. `baseline[k]` was measured in the same round as `values[k]`. */
export function figureOf(
  about: Pick<Figure, 'key' | 'title' | 'unit'> & { goal?: string },
  values: readonly number[],
  baseline?: { title: string; values: readonly number[] },
): Figure {
  return {
    key: about.key,
    title: about.title,
    unit: about.unit,
    value: spreadOf(values),
    baseline: baseline ? { title: baseline.title, value: spreadOf(baseline.values) } : null,
    ratio: baseline ? spreadOf(values.map((value, round) => value / (baseline.values[round] as number))) : null,
    goal: about.goal ?? null,
  }
}
