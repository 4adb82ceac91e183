import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { FieldError, ScenarioFacts, UiSetup } from '../../../core/report/live/ui-protocol.ts'
import { ask, errorsOf } from '../calls.ts'
import { Classes } from './classes.tsx'
import { Field, Text } from './fields.tsx'
import { type Filled, emptyForm } from './form.ts'
import { OnAws } from './on-aws.tsx'
import { Plan } from './plan.tsx'
import { usePlan, useScenario } from './planning.ts'

export interface StartProps {
  setup: UiSetup
  /** The values of the form; null until the user changes the form. */
  filled: Filled | null
  fill: (form: Filled) => void
  started: (run: string) => void
}

/** Shows the form for a new run, with the plan and the price of the run. */
export function Start({ setup, filled, fill, started }: StartProps): JSX.Element {
  const form = filled ?? { ...emptyForm, file: setup.scenarios[0] ?? '' }
  const facts = useScenario(form.file)
  const plan = usePlan(form)
  const [starting, setStarting] = useState(false)
  const [refusal, setRefusal] = useState<readonly FieldError[]>([])
  const errors = refusal.length > 0 ? refusal : plan.errors
  // A run on AWS can start only after the page has shown its price.
  const mayStart = plan.isNewest || form.where === 'local'
  const change = (part: Partial<Filled>): void => {
    setRefusal([])
    fill({ ...form, ...part })
  }
  const start = async (): Promise<void> => {
    setStarting(true)
    try {
      started((await ask<{ run: string }>('/api/runs', form)).run)
    } catch (error) {
      setRefusal(errorsOf(error))
      setStarting(false)
    }
  }
  if (setup.scenarios.length === 0) return <NoScenario />
  return (
    <form
      class="start"
      aria-labelledby="start-title"
      onSubmit={(event) => {
        event.preventDefault()
        if (!starting && mayStart) void start()
      }}
    >
      <div class="start-fields">
        <Title />
        <Fields {...{ setup, form, facts, errors, change }} />
      </div>
      <Plan plan={plan.plan} errors={errors} mayStart={!starting && mayStart} starting={starting} />
    </form>
  )
}

/** This element receives the focus when the form is filled from an earlier run. */
function Title(): JSX.Element {
  return (
    <h1 id="start-title" tabIndex={-1}>
      New run
    </h1>
  )
}

function NoScenario(): JSX.Element {
  return (
    <section class="waiting">
      <h1>New run</h1>
      <p>
        There is no scenario here: no file ends in <code>.burst.ts</code>. Write a first scenario with{' '}
        <code>burst init</code>, and reload the page.
      </p>
    </section>
  )
}

interface FieldsProps {
  setup: UiSetup
  form: Filled
  facts: ScenarioFacts | null
  errors: readonly FieldError[]
  change: (part: Partial<Filled>) => void
}

function Fields({ setup, form, facts, errors, change }: FieldsProps): JSX.Element {
  const props = { form, errors, change }
  return (
    <>
      <div class="row wide">
        <Field name="file" label="Scenario" errors={errors}>
          {(id, described) => (
            <select
              id={id}
              {...described}
              value={form.file}
              onChange={(event) => change({ ...emptyForm, where: form.where, file: event.currentTarget.value })}
            >
              {setup.scenarios.map((file) => (
                <option value={file}>{file}</option>
              ))}
            </select>
          )}
        </Field>
        {setup.places.length > 1 && <Where {...props} places={setup.places} />}
      </div>
      <LoadRow {...props} isOpen={facts?.isOpen === true} />
      <OnAws {...props} />
      <div class="row wide">
        <Text {...props} name="host" label="Host" hint={facts?.host ?? ''} />
      </div>
      {facts && <Classes {...props} classes={facts.classes} />}
      <More {...props} tags={facts?.tags ?? []} />
    </>
  )
}

type PartProps = Omit<FieldsProps, 'setup' | 'facts'>

/** Shows the fields for the amount and the duration of the load. */
function LoadRow({ isOpen, ...props }: PartProps & { isOpen: boolean }): JSX.Element {
  return (
    <div class="row">
      {isOpen ? (
        <Text {...props} name="rate" label="Arrivals per second" hint="as in the file" numeric />
      ) : (
        <>
          <Text {...props} name="users" label="Users" hint="as in the file" numeric />
          <Text {...props} name="spawnRate" label="Spawn rate, users/s" hint="as in the file" numeric />
        </>
      )}
      <Text {...props} name="runTime" label="Run time, such as 5m" hint="as in the file" />
      <Text
        {...props}
        name="workers"
        label="Workers"
        hint={props.form.where === 'local' ? 'one per core' : 'as few as possible'}
        numeric
      />
    </div>
  )
}

function Where({ form, errors, change, places }: PartProps & Pick<UiSetup, 'places'>): JSX.Element {
  return (
    <Field name="where" label="Where" errors={errors}>
      {(id, described) => (
        <select
          id={id}
          {...described}
          value={form.where}
          onChange={(event) => change({ where: event.currentTarget.value === 'aws' ? 'aws' : 'local' })}
        >
          {places.map(({ key, name }) => (
            <option value={key}>{name}</option>
          ))}
        </select>
      )}
    </Field>
  )
}

const moreFields = ['tags', 'excludeTags', 'vars', 'name', 'seed'] as const

/**
 * Shows rarely used fields. The fields are hidden until the user opens them, or until one of these fields has an error. While the user types, the
 * fields are not hidden again.
 */
function More({ form, errors, change, tags }: PartProps & { tags: readonly string[] }): JSX.Element {
  const isWrong = errors.some(({ field }) => moreFields.some((name) => name === field))
  const [isOpen, setOpen] = useState(false)
  const props = { form, errors, change }
  return (
    <details open={isOpen || isWrong} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Tags, variables, name and seed</summary>
      <div class="row">
        <Text
          {...props}
          name="tags"
          label="Run only these tags"
          hint={tags.length === 0 ? 'the scenario has no tags' : tags.join(', ')}
        />
        <Text {...props} name="excludeTags" label="Exclude these tags" hint="" />
        <Text {...props} name="name" label="Name of the run" hint="the scenario's" />
        <Text {...props} name="seed" label="Seed" hint="a new one" />
      </div>
      <Field name="vars" label="Variables, one per line" errors={errors}>
        {(id, described) => (
          <textarea
            id={id}
            {...described}
            rows={2}
            placeholder="region=eu"
            value={form.vars}
            onInput={(event) => change({ vars: event.currentTarget.value })}
          />
        )}
      </Field>
    </details>
  )
}
