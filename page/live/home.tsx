import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { FieldError, RunEntry, RunList, UiSetup } from '../../core/report/live/ui-protocol.ts'
import { ask, errorsOf } from './calls.ts'
import { Problems } from './problems.tsx'
import type { Place } from './router.ts'
import { Runs } from './runs/runs.tsx'
import { formLike } from './start/again.ts'
import type { Filled } from './start/form.ts'
import { Start } from './start/start.tsx'

/** The time between two requests for the list of runs, in milliseconds. */
const listEveryMs = 2000

export interface HomeProps {
  setup: UiSetup
  /** The values that the form had when the user left the page. */
  filled: Filled | null
  fill: (form: Filled) => void
  go: (place: Place) => void
}

/** Shows the form for a new run, and the list of runs. */
export function Home({ setup, filled, fill, go }: HomeProps): JSX.Element {
  const { list, errors } = useRuns()
  const [refusal, setRefusal] = useState<readonly FieldError[]>([])
  const asked = useRef(0)
  const again = (run: RunEntry): void => {
    const mine = ++asked.current
    setRefusal([])
    formLike(run, setup, filled?.host ?? '').then(
      (form) => {
        // If the user has chosen another run in the meantime, this form is ignored.
        if (mine !== asked.current) return
        fill(form)
        document.getElementById('start-title')?.scrollIntoView({ block: 'center' })
        document.getElementById('start-title')?.focus()
      },
      (error: unknown) => mine === asked.current && setRefusal(errorsOf(error)),
    )
  }
  return (
    <>
      {setup.mayStart && (
        <Start setup={setup} filled={filled} fill={fill} started={(run) => go({ kind: 'run', run })} />
      )}
      <Problems errors={[...errors, ...refusal]} />
      {list && <Runs {...list} go={go} again={setup.mayStart ? again : undefined} />}
    </>
  )
}

function useRuns(): { list: RunList | null; errors: readonly FieldError[] } {
  const [list, setList] = useState<RunList | null>(null)
  const [errors, setErrors] = useState<readonly FieldError[]>([])
  useEffect(() => {
    let [left, timer] = [false, 0]
    const look = async (): Promise<void> => {
      try {
        setList(await ask<RunList>('/api/runs'))
        setErrors([])
      } catch (error) {
        setErrors(errorsOf(error))
      }
      if (!left) timer = window.setTimeout(() => void look(), listEveryMs)
    }
    void look()
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [])
  return { list, errors }
}
