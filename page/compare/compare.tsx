import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Comparison, compareInSteps } from '../../core/compare/compare-reports.ts'
import { findingOf } from '../../core/compare/comparison-words.ts'
import { Outside, Progress, Sentences } from '../figure.tsx'
import { type RunModel, inSlices } from '../model/model.ts'
import { Figures } from './figures.tsx'
import { Overlay } from './overlay.tsx'
import { instant } from '../../core/words.ts'

export interface CompareProps {
  older: RunModel
  newer: RunModel
  /** A value that changes when the user changes the colour scheme. */
  theme: string
  close: () => void
}

/**
 * Shows the comparison of two runs: sentences about what changed, charts of both runs over time, and a table with one row for each name. A row shows
 * the selected measure, the difference between the runs, and the noise. Escape closes the comparison.
 */
export function Compare({ older, newer, theme, close }: CompareProps): JSX.Element {
  const [swapped, setSwapped] = useState(false)
  const [first, second] = swapped ? [newer, older] : [older, newer]
  const { comparison, done } = useComparison(first, second)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [older, newer])
  useEscape(close)
  return (
    <section class="one-name compare" id="compare" aria-labelledby="compare-title">
      <div class="bar">
        <h2 id="compare-title" tabIndex={-1} ref={heading}>
          Two runs compared
        </h2>
        <span class="buttons">
          <button type="button" title="Swap old and new" onClick={() => setSwapped(!swapped)}>
            Swap
          </button>{' '}
          <button type="button" onClick={close}>
            Close
          </button>
        </span>
      </div>
      <div aria-live="polite">{comparison && <Said comparison={comparison} />}</div>
      {comparison === null && <Progress of="Comparing the runs" done={done} />}
      <Runs older={first} newer={second} />
      <Overlay older={first} newer={second} theme={theme} />
      {comparison && <Figures comparison={comparison} />}
    </section>
  )
}

function Said({ comparison }: { comparison: Comparison }): JSX.Element {
  const { result, headline, details } = findingOf(comparison)
  return (
    <>
      <p class={`headline ${result}`}>
        <Outside text={headline} />
      </p>
      <Sentences of={details} class="details" />
    </>
  )
}

function Runs({ older, newer }: Pick<CompareProps, 'older' | 'newer'>): JSX.Element {
  const sides = [
    { word: 'old', run: older.report.run },
    { word: 'new', run: newer.report.run },
  ]
  return (
    <p class="runs">
      {sides.map(({ word, run }) => (
        <span>
          <i class={`swatch ${word}`} aria-hidden="true" /> <b>{word}</b> <Outside text={run.name} />,{' '}
          {instant(run.startedAt)}, <Outside text={run.id} />
        </span>
      ))}
    </p>
  )
}

interface Making {
  /** The comparison; null while it is being computed. */
  comparison: Comparison | null
  /** The completed fraction of the computation, from 0 to 1. */
  done: number
}

/** Computes the comparison with short pauses, so that the page stays usable. */
function useComparison(older: RunModel, newer: RunModel): Making {
  const [made, setMade] = useState<Making & { of: readonly RunModel[] }>({ of: [], comparison: null, done: 0 })
  useEffect(() => {
    let isWanted = true
    const of = [older, newer]
    const tell = (done: number): void => setMade({ of, comparison: null, done })
    void inSlices(compareInSteps(older, newer), () => isWanted, tell).then((comparison) => {
      if (isWanted && comparison) setMade({ of, comparison, done: 1 })
    })
    return () => {
      isWanted = false
    }
  }, [older, newer])
  // When another run is chosen, the page is drawn once before the effect starts the new comparison. `made` is then the previous comparison, which
  // must not be shown.
  return made.of[0] === older && made.of[1] === newer ? made : { comparison: null, done: 0 }
}

/** Handles the Escape key before other parts of the page handle it. */
function useEscape(close: () => void): void {
  const latest = useRef(close)
  latest.current = close
  useEffect(() => {
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return
      event.stopImmediatePropagation()
      latest.current()
    }
    addEventListener('keydown', escape, { capture: true })
    return () => removeEventListener('keydown', escape, { capture: true })
  }, [])
}
