import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { ask, errorsOf } from '../calls.ts'
import { useDialog } from '../dialog.tsx'
import { useKey } from '../help.tsx'
import { Problems } from '../problems.tsx'
import { Field } from '../start/fields.tsx'

export interface ScalingProps {
  run: string
  model: 'users' | 'arrivals'
  /** Users that are planned now, for the field to begin with. */
  users: number
}

interface Filled {
  level: string
  over: string
  spawnRate: string
}

const fields: [name: keyof Filled, label: (model: ScalingProps['model']) => string, hint: string][] = [
  ['level', (model) => (model === 'users' ? 'Users' : 'Arrivals per second'), ''],
  ['over', () => 'Over', '5s'],
  ['spawnRate', (model) => (model === 'users' ? 'or users per second' : 'or per second, each second'), ''],
]

/** Changes the load of the run that is shown. */
export function Scaling({ run, model, users }: ScalingProps): JSX.Element {
  const dialog = useDialog()
  const [form, setForm] = useState<Filled>({ level: '', over: '', spawnRate: '' })
  const [errors, setErrors] = useState<readonly FieldError[]>([])
  const [scaled, setScaled] = useState('')
  const open = (): void => {
    setForm({ level: model === 'users' ? String(users) : '', over: '', spawnRate: '' })
    setErrors([])
    dialog.open()
  }
  const change = (): void => {
    const agreed = errors.some(({ field }) => field === 'agreed')
    ask<{ scaled: string }>(`/api/runs/${run}/scale`, { model, ...form, agreed })
      .then((answer) => {
        setScaled(answer.scaled)
        dialog.close()
      })
      .catch((error: unknown) => setErrors(errorsOf(error)))
  }
  useKey('e', open)
  return (
    <div class="scaling">
      <button type="button" class="button" aria-keyshortcuts="e" onClick={open}>
        Change load <kbd>e</kbd>
      </button>
      <dialog ref={dialog.element} aria-labelledby="scale-title">
        <h2 id="scale-title">Change the load of this run</h2>
        <p>The new load holds until the run ends. It takes effect when every worker knows of it, in some seconds.</p>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            change()
          }}
        >
          <div class="row">
            {fields.map(([name, label, hint]) => (
              <Field name={name} label={label(model)} errors={errors}>
                {(id, described) => (
                  <input
                    id={id}
                    {...described}
                    value={form[name]}
                    placeholder={hint}
                    inputMode={name === 'over' ? undefined : 'decimal'}
                    autocomplete="off"
                    spellcheck={false}
                    onInput={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
                  />
                )}
              </Field>
            ))}
          </div>
          <Problems errors={errors.filter(({ field }) => field === 'agreed' || field === 'form')} />
          <div class="choices">
            <button type="submit" class="button main">
              Change
            </button>
            <button type="button" class="button" onClick={dialog.close}>
              Cancel
            </button>
          </div>
        </form>
      </dialog>
      {scaled !== '' && (
        <p class="scaled" role="status">
          The load goes {scaled}.
        </p>
      )}
    </div>
  )
}
