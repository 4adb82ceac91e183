import type { GeneratorCounts } from '../../window/generator-counts.ts'
import { counted, grouped, percent, percentBeside } from '../../words.ts'
import { type Broken, type JudgedLoad, brokenSoFar, limitOf } from './rule.ts'

/** A finding about the generator of a run in progress. */
export interface FindingSoFar {
  /** `bound`: burst itself sent requests late, changed the load, or caused failures. `inaccurate`: the latencies may be inaccurate. */
  kind: 'bound' | 'inaccurate'
  /**
   * `true` if the finding is certain (see `Broken.isSure`), so the run would be inconclusive if it ended now. Otherwise the description begins with
   * `so far`.
   */
  isSure: boolean
  words: string
}

/**
 * The findings about the generator of a run in progress. A rule that is broken so far leads to a finding, even if few requests are affected. Several
 * broken rules of the same kind lead to one finding.
 */
export interface GeneratorSoFar {
  /** `true` if the lag of any request or other action has been measured. */
  isMeasured: boolean
  /** The findings, at most one of each kind; may be empty. */
  findings: FindingSoFar[]
}

export function generatorSoFar(counts: GeneratorCounts, load: JudgedLoad): GeneratorSoFar {
  const broken = brokenSoFar(counts, load)
  const bound = broken.filter(({ rule }) => rule !== 'uncertain')
  return {
    isMeasured: counts.lags > 0,
    findings: [
      ...found('bound', bound),
      ...found(
        'inaccurate',
        broken.filter(({ rule }) => rule === 'uncertain'),
      ),
    ],
  }
}

/**
 * Describes the finding. If several rules are broken, the description names the first rule whose finding is certain. If no finding is certain, the
 * description names the first rule.
 */
function found(kind: FindingSoFar['kind'], broken: readonly Broken[]): FindingSoFar[] {
  const one = broken.find(({ isSure }) => isSure) ?? broken[0]
  if (!one) return []
  const words = one.isSure ? `${names[kind]}: ${shareWords(one)}` : `so far ${countWords(one)}`
  return [{ kind, isSure: one.isSure, words }]
}

const names = { bound: 'generator-bound', inaccurate: 'the latencies may be inaccurate' }

/** Returns the finding as a percentage: `4.2 % of requests were sent late`. */
function shareWords({ rule, part, of }: Broken): string {
  const share = percentBeside(part / of, limitOf(rule))
  if (rule === 'late') return `${share} of requests were sent late`
  if (rule === 'arrivals') return `burst was late for ${share} of arrivals`
  if (rule === 'failed') return `${share} of requests failed on burst's own side`
  if (rule === 'load') return `the load is ${share} of what the same users would have done without lag`
  return `${share} of the latencies are affected`
}

/** Returns the finding as a count: `1 of 40 requests was sent late`. For the rule `load`, returns a percentage. */
function countWords({ rule, part, of }: Broken): string {
  const were = part === 1 ? 'was' : 'were'
  if (rule === 'late') return `${grouped(part)} of ${counted(of, 'request')} ${were} sent late`
  if (rule === 'arrivals') return `burst was late for ${grouped(part)} of ${counted(of, 'arrival')}`
  if (rule === 'failed') return `${grouped(part)} of ${counted(of, 'request')} failed on burst's own side`
  if (rule === 'load') return `the load is ${percent(part)} of what the same users would have done without lag`
  return `${grouped(part)} of ${counted(of, 'latency', 'latencies')} may be inaccurate`
}
