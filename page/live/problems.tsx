import type { JSX } from 'preact'
import type { FieldError } from '../../core/report/live/ui-protocol.ts'

/** Shows errors: for each error, the message, the position in the file and a hint. */
export function Problems({ errors, id }: { errors: readonly FieldError[]; id?: string }): JSX.Element | null {
  if (errors.length === 0) return null
  return (
    <div class="problems" role="alert" id={id}>
      {errors.map(({ message, at, hint }) => (
        <p>
          <span class="alert">
            <bdi>{message}</bdi>
          </span>
          {at !== undefined && (
            <>
              {' '}
              at <code>{at}</code>
            </>
          )}
          {hint !== undefined && (
            <span class="todo">
              <bdi>{hint}</bdi>
            </span>
          )}
        </p>
      ))}
    </div>
  )
}
