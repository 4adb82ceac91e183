import type { JSX } from 'preact'
import type { FieldError, PlanStatement } from '../../../core/report/live/ui-protocol.ts'
import { Problems } from '../problems.tsx'

export interface PlanProps {
  plan: PlanStatement | null
  errors: readonly FieldError[]
  mayStart: boolean
  starting: boolean
}

/** Shows the plan and the price of the run, and the button that starts the run. */
export function Plan({ plan, errors, mayStart, starting }: PlanProps): JSX.Element {
  return (
    <section class="plan" aria-labelledby="plan-title">
      <h2 id="plan-title">Plan</h2>
      <div aria-live="polite">
        <Outlook plan={plan} errors={errors} />
      </div>
      <button type="submit" class="button main" disabled={!mayStart || errors.length > 0 || !plan}>
        {starting ? 'Starting…' : 'Start'}
      </button>
    </section>
  )
}

function Outlook({ plan, errors }: Pick<PlanProps, 'plan' | 'errors'>): JSX.Element {
  const general = errors.filter(({ field }) => field === 'form')
  if (general.length > 0) return <Problems errors={general} />
  if (errors.length > 0) return <p class="calm">Correct the form to see the plan.</p>
  return plan ? <Words plan={plan} /> : <p class="calm">Reading the scenario…</p>
}

function Words({ plan: { words, notes, price } }: { plan: PlanStatement }): JSX.Element {
  return (
    <>
      <ul>
        {words.map((sentence) => (
          <li>
            <bdi>{sentence}</bdi>
          </li>
        ))}
      </ul>
      <p class="price">{price}</p>
      {notes.map((note) => (
        <p class="note">
          <bdi>{note}</bdi>
        </p>
      ))}
    </>
  )
}
