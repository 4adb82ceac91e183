import type { JSX } from 'preact'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { Problems } from '../problems.tsx'
import type { Filled } from './form.ts'

interface Described {
  'aria-invalid': boolean | undefined
  'aria-describedby': string | undefined
}

export interface FieldProps {
  name: string
  label: string
  errors: readonly FieldError[]
  children: (id: string, described: Described) => JSX.Element
}

/** A field with its label, and its errors below it. */
export function Field({ name, label, errors, children }: FieldProps): JSX.Element {
  const own = errors.filter(({ field }) => field === name)
  const [id, problem] = [`field-${name}`, `problem-${name}`]
  const described = {
    'aria-invalid': own.length > 0 || undefined,
    'aria-describedby': own.length > 0 ? problem : undefined,
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id, described)}
      <Problems errors={own} id={problem} />
    </div>
  )
}

type TextName = Exclude<keyof Filled, 'file' | 'where' | 'fit' | 'weights'>

export interface TextProps {
  form: Filled
  errors: readonly FieldError[]
  change: (part: Partial<Filled>) => void
  name: TextName
  label: string
  /** The value that burst uses if the field is empty. */
  hint: string
  numeric?: boolean
}

export function Text({ form, errors, change, name, label, hint, numeric = false }: TextProps): JSX.Element {
  return (
    <Field name={name} label={label} errors={errors}>
      {(id, described) => (
        <input
          id={id}
          {...described}
          value={form[name]}
          placeholder={hint}
          inputMode={numeric ? 'decimal' : undefined}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => change({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  )
}
