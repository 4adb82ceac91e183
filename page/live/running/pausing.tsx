import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { LiveFacts } from '../../../core/report/live/live-report.ts'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { ask, errorsOf } from '../calls.ts'
import { useKey } from '../help.tsx'
import { Problems } from '../problems.tsx'

/** Shows a button that pauses or continues the run that the page shows. */
export function Pausing({ run, pause }: { run: string; pause: LiveFacts['pause'] }): JSX.Element {
  const [errors, setErrors] = useState<readonly FieldError[]>([])
  const [words, setWords] = useState('')
  const step = pause === 'asked' || pause === 'paused' ? 'continue' : 'pause'
  const take = (): void => {
    setErrors([])
    ask<{ words: string }>(`/api/runs/${run}/${step}`, {})
      .then((answer) => setWords(answer.words))
      .catch((error: unknown) => setErrors(errorsOf(error)))
  }
  useKey('p', take)
  return (
    <div class="pausing">
      <button type="button" class="button" aria-keyshortcuts="p" onClick={take}>
        {step === 'pause' ? 'Pause' : 'Continue'} <kbd>p</kbd>
      </button>
      {words !== '' && (
        <p class="scaled" role="status">
          The run {words}.
        </p>
      )}
      <Problems errors={errors} />
    </div>
  )
}
