import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { UiSetup } from '../../core/ui.ts'
import { ask, errorsOf } from './calls.ts'
import { Help, useHelp } from './help.tsx'
import { Home } from './home.tsx'
import { Problems } from './problems.tsx'
import { useRoute } from './router.ts'
import type { Filled } from './start/form.ts'
import { Run } from './running/run.tsx'

/** The page: the form and the runs, or one run. */
export function Live(): JSX.Element {
  const [run, go] = useRoute()
  const help = useHelp()
  const [setup, setSetup] = useState<UiSetup | null>(null)
  const [filled, fill] = useState<Filled | null>(null)
  const [errors, setErrors] = useState<ReturnType<typeof errorsOf>>([])
  useEffect(() => {
    ask<UiSetup>('/api/setup').then(setSetup, (error: unknown) => setErrors(errorsOf(error)))
  }, [])
  return (
    <>
      <Top run={run} mayStart={setup?.mayStart !== false} go={go} help={help.open} />
      <main>
        <Problems errors={errors} />
        {run === null ? (
          setup && <Home setup={setup} filled={filled} fill={fill} go={go} />
        ) : (
          <Run run={run} go={go} key={run} />
        )}
      </main>
      <Help of={help} />
    </>
  )
}

interface TopProps {
  run: string | null
  mayStart: boolean
  go: (run: string | null) => void
  help: () => void
}

function Top({ run, mayStart, go, help }: TopProps): JSX.Element {
  const home = (event: MouseEvent): void => {
    event.preventDefault()
    go(null)
  }
  return (
    <nav class="top" aria-label="burst">
      <div>
        <a class="brand-link" href="/" aria-current={run === null ? 'page' : undefined} onClick={home}>
          burst
        </a>
        {run !== null && (
          <a href="/" onClick={home}>
            {mayStart ? 'New run and all runs' : 'All runs'}
          </a>
        )}
        <button type="button" class="link help-button" onClick={help} aria-keyshortcuts="?">
          Keys <kbd>?</kbd>
        </button>
      </div>
    </nav>
  )
}
