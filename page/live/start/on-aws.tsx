import type { JSX } from 'preact'
import { Text, type TextProps } from './fields.tsx'

type OnAwsProps = Pick<TextProps, 'form' | 'errors' | 'change'>

/** Shows the fields for the cost and the concurrency of a run on AWS. Shows nothing for a run on this machine. */
export function OnAws({ form, errors, change }: OnAwsProps): JSX.Element | null {
  if (form.where === 'local') return null
  const props = { form, errors, change }
  return (
    <div class="row">
      <Text {...props} name="budget" label="Budget, US dollars" hint="as in the file" numeric />
      <Text {...props} name="takeConcurrency" label="Lambda concurrency" hint="half of the free executions" numeric />
      <div class="field switch">
        <label>
          <input
            type="checkbox"
            checked={form.fit}
            onChange={(event) => change({ fit: event.currentTarget.checked })}
          />{' '}
          Reduce the run until it fits
        </label>
      </div>
    </div>
  )
}
