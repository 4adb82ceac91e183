import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { ask, errorsOf } from '../calls.ts'
import { type Dialog, useDialog } from '../dialog.tsx'
import { useKey } from '../help.tsx'
import { Problems } from '../problems.tsx'
import { Input } from '../start/fields.tsx'

export interface ScalingProps {
  run: string
  model: 'users' | 'arrivals'
  /** The planned number of users at the current time. If `model` is `users`, this number is the initial value of the field `Users`. */
  users: number
}

interface Filled {
  level: string
  over: string
  spawnRate: string
}

const empty: Filled = { level: '', over: '', spawnRate: '' }

const fields: [name: keyof Filled, label: (model: ScalingProps['model']) => string, hint: string][] = [
  ['level', (model) => (model === 'users' ? 'Users' : 'Arrivals per second'), ''],
  ['over', () => 'Over, such as 1m', '5s'],
  ['spawnRate', (model) => (model === 'users' ? 'or spawn rate, users/s' : 'or rate change, arrivals/s per s'), ''],
]

/** Shows a button that opens a form. In the form, the user changes the load of the run. */
export function Scaling({ run, model, users }: ScalingProps): JSX.Element {
  const dialog = useDialog()
  const [form, setForm] = useState(empty)
  const [errors, setErrors] = useState<readonly FieldError[]>([])
  const [scaled, setScaled] = useState('')
  const open = (): void => {
    setForm({ ...empty, level: model === 'users' ? String(users) : '' })
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
      <ScaleDialog {...{ dialog, model, form, setForm, errors, change }} />
      {scaled !== '' && (
        <p class="scaled" role="status">
          The load changes {scaled}.
        </p>
      )}
    </div>
  )
}

interface ScaleDialogProps extends Pick<ScalingProps, 'model'> {
  dialog: Dialog
  form: Filled
  setForm: (form: Filled) => void
  errors: readonly FieldError[]
  change: () => void
}

function ScaleDialog({ dialog, model, form, setForm, errors, change }: ScaleDialogProps): JSX.Element {
  const submitted = (event: Event): void => {
    event.preventDefault()
    change()
  }
  return (
    <dialog ref={dialog.element} aria-labelledby="scale-title">
      <h2 id="scale-title">Change the load of this run</h2>
      <p>
        The new load takes effect within a few seconds, when every worker has read the change. It then continues until
        the run ends.
      </p>
      <form onSubmit={submitted}>
        <div class="row">
          {fields.map((field) => (
            <LoadField {...{ field, model, form, setForm, errors }} />
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
  )
}

type LoadFieldProps = Pick<ScaleDialogProps, 'model' | 'form' | 'setForm' | 'errors'> & {
  field: (typeof fields)[number]
}

function LoadField({ field: [name, label, hint], model, form, setForm, errors }: LoadFieldProps): JSX.Element {
  return (
    <Input
      {...{ name, hint, errors }}
      label={label(model)}
      value={form[name]}
      numeric={name !== 'over'}
      change={(value) => setForm({ ...form, [name]: value })}
    />
  )
}
