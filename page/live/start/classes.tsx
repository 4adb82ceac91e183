import type { JSX } from 'preact'
import type { FieldError, ScenarioFacts } from '../../../core/report/live/ui-protocol.ts'
import { Problems } from '../problems.tsx'
import type { Filled } from './form.ts'

export interface ClassesProps {
  classes: ScenarioFacts['classes']
  form: Filled
  errors: readonly FieldError[]
  change: (part: Partial<Filled>) => void
}

/** Shows the fields that select user classes and their weights. */
export function Classes({ classes, form, errors, change }: ClassesProps): JSX.Element {
  const set = (name: string, weight: string): void => change({ weights: { ...form.weights, [name]: weight } })
  return (
    <fieldset class="classes">
      <legend>User classes</legend>
      {classes.map((one) => (
        <ClassRow of={one} weight={form.weights[one.name] ?? ''} set={(weight) => set(one.name, weight)} />
      ))}
      <Problems errors={errors.filter(({ field }) => field === 'weights')} />
    </fieldset>
  )
}

interface ClassRowProps {
  of: ScenarioFacts['classes'][number]
  weight: string
  set: (weight: string) => void
}

function ClassRow({ of: { name, weight: usual, count }, weight, set }: ClassRowProps): JSX.Element {
  const takesPart = weight.trim() !== '0'
  return (
    <div class="class">
      <label>
        <input type="checkbox" checked={takesPart} onChange={(event) => set(event.currentTarget.checked ? '' : '0')} />{' '}
        <bdi>{name}</bdi>
      </label>
      {count === null ? (
        <label class="weight">
          weight{' '}
          <input
            inputMode="decimal"
            size={5}
            aria-label={`weight of ${name}`}
            disabled={!takesPart}
            value={takesPart ? weight : ''}
            placeholder={String(usual)}
            onInput={(event) => set(event.currentTarget.value)}
          />
        </label>
      ) : (
        <span class="weight hint">
          {count} {count === 1 ? 'user' : 'users'}, set by <code>static count</code>
        </span>
      )}
    </div>
  )
}
