import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { ask, errorsOf } from '../calls.ts'
import { type Dialog, useDialog } from '../dialog.tsx'
import { useKey } from '../help.tsx'
import { Problems } from '../problems.tsx'

export interface StoppingProps {
  run: string
  /** `true` if the run is already being stopped. */
  isStopping?: boolean
}

/** Shows a button that opens a dialog. In the dialog, the user stops the run gracefully or immediately, or keeps it running. */
export function Stopping({ run, isStopping = false }: StoppingProps): JSX.Element {
  const dialog = useDialog()
  const [errors, setErrors] = useState<readonly FieldError[]>([])
  const [asked, setAsked] = useState(false)
  const stop = (now: boolean): void => {
    dialog.close()
    setAsked(true)
    setErrors([])
    ask(`/api/runs/${run}/stop`, { now }).catch((error: unknown) => {
      setAsked(false)
      setErrors(errorsOf(error))
    })
  }
  useKey('s', dialog.open)
  return (
    <div class="stopping">
      <button type="button" class="button stop" aria-keyshortcuts="s" onClick={dialog.open}>
        {asked || isStopping ? 'Stopping…' : 'Stop'} <kbd>s</kbd>
      </button>
      <Problems errors={errors} />
      <Question dialog={dialog} isStopping={asked || isStopping} stop={stop} />
    </div>
  )
}

interface QuestionProps {
  dialog: Dialog
  isStopping: boolean
  stop: (now: boolean) => void
}

function Question({ dialog, isStopping, stop }: QuestionProps): JSX.Element {
  return (
    <dialog ref={dialog.element} aria-labelledby="stop-title">
      <h2 id="stop-title">{isStopping ? 'The run is stopping' : 'Stop this run?'}</h2>
      <p>
        <b>Stop</b> sends no new requests and waits up to 2 s for the requests in flight. Every count is in the report.
      </p>
      <p>
        <b>Stop now</b> cuts off the requests in flight and counts them as interrupted. Users do not run{' '}
        <code>onStop</code>. Every count is in the report.
      </p>
      <form method="dialog" class="choices">
        <button type="button" class="button main" disabled={isStopping} onClick={() => stop(false)}>
          Stop
        </button>
        <button type="button" class="button danger" onClick={() => stop(true)}>
          Stop now
        </button>
        <button type="submit" class="button">
          Keep running
        </button>
      </form>
    </dialog>
  )
}
