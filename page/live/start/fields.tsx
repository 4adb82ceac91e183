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

/** Shows a field with its label above it and its errors below it. */
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

export interface InputProps extends Pick<FieldProps, 'name' | 'label' | 'errors'> {
  value: string
  /** The text that the field shows while it is empty. This text is usually the value that burst uses if the field stays empty. */
  hint: string
  numeric: boolean
  change: (value: string) => void
}

/** Shows a field with one line of text. */
export function Input({ name, label, errors, value, hint, numeric, change }: InputProps): JSX.Element {
  return (
    <Field name={name} label={label} errors={errors}>
      {(id, described) => (
        <input
          id={id}
          {...described}
          value={value}
          placeholder={hint}
          inputMode={numeric ? 'decimal' : undefined}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => change(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

type TextName = Exclude<keyof Filled, 'file' | 'where' | 'fit' | 'weights'>

export interface TextProps extends Pick<InputProps, 'label' | 'errors' | 'hint'> {
  form: Filled
  change: (part: Partial<Filled>) => void
  name: TextName
  numeric?: boolean
}

/** Shows a text field for one value of the form. */
export function Text({ form, change, name, numeric = false, ...rest }: TextProps): JSX.Element {
  return <Input {...{ name, numeric, ...rest }} value={form[name]} change={(value) => change({ [name]: value })} />
}
