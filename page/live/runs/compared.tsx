import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { useTheme } from '../../app.tsx'
import { Compare } from '../../compare/compare.tsx'
import { Outside } from '../../figure.tsx'
import type { RunModel } from '../../model/model.ts'
import { errorsOf } from '../calls.ts'
import { Problems } from '../problems.tsx'
import { savedRun } from '../running/reading.ts'
import { useTitle } from '../title.ts'

export interface ComparedProps {
  runs: readonly [string, string]
  close: () => void
}

/** Shows the comparison of two earlier runs. The run that began first is the old run. */
export function Compared({ runs, close }: ComparedProps): JSX.Element {
  const { models, errors } = useModels(runs)
  const theme = useTheme()
  useTitle('Two runs compared')
  if (models) {
    const [older, newer] = models
    return (
      <>
        <h1 class="unseen">
          <Outside text={older.report.run.name} /> and <Outside text={newer.report.run.name} />
        </h1>
        <Compare older={older} newer={newer} theme={theme} close={close} />
      </>
    )
  }
  return (
    <section class="waiting" aria-live="polite">
      <h1>Two runs compared</h1>
      {errors.length > 0 ? <Problems errors={errors} /> : <p class="calm">Reading both reports…</p>}
    </section>
  )
}

interface Models {
  models: [older: RunModel, newer: RunModel] | null
  errors: readonly FieldError[]
}

function useModels([first, second]: ComparedProps['runs']): Models {
  const [read, setRead] = useState<Models>({ models: null, errors: [] })
  useEffect(() => {
    let isWanted = true
    setRead({ models: null, errors: [] })
    Promise.all([savedRun(first), savedRun(second)]).then(
      ([one, other]) => isWanted && setRead({ models: inOrder(one, other), errors: [] }),
      (error: unknown) => isWanted && setRead({ models: null, errors: errorsOf(error) }),
    )
    return () => {
      isWanted = false
    }
  }, [first, second])
  return read
}

function inOrder(one: RunModel, other: RunModel): [older: RunModel, newer: RunModel] {
  return one.report.run.startedAt <= other.report.run.startedAt ? [one, other] : [other, one]
}
