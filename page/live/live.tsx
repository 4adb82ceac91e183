import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { UiSetup } from '../../core/report/live/ui-protocol.ts'
import { ask, errorsOf } from './calls.ts'
import { Help, useHelp } from './help.tsx'
import { Home } from './home.tsx'
import { Problems } from './problems.tsx'
import { type Place, useRoute } from './router.ts'
import type { Filled } from './start/form.ts'
import { Run } from './running/run.tsx'
import { Compared } from './runs/compared.tsx'
import { Shown } from './shown.tsx'

/** Shows one of three pages: the start page (the form for a new run, and the list of runs), one run, or a comparison of two runs. */
export function Live(): JSX.Element {
  const [place, go] = useRoute()
  const help = useHelp()
  const [setup, setSetup] = useState<UiSetup | null>(null)
  const [errors, setErrors] = useState<ReturnType<typeof errorsOf>>([])
  useEffect(() => {
    ask<UiSetup>('/api/setup').then(setSetup, (error: unknown) => setErrors(errorsOf(error)))
  }, [])
  return (
    <>
      <Top isHome={place.kind === 'home'} mayStart={setup?.mayStart !== false} go={go} help={help.open} />
      <main>
        <Problems errors={errors} />
        <Placed place={place} go={go} setup={setup} />
      </main>
      <Help of={help} />
    </>
  )
}

interface PlacedProps {
  place: Place
  go: (place: Place) => void
  setup: UiSetup | null
}

function Placed({ place, go, setup }: PlacedProps): JSX.Element | null {
  const [filled, fill] = useState<Filled | null>(null)
  if (place.kind === 'run') {
    const { run } = place
    return (
      <Shown run={run} key={run}>
        <Run run={run} />
      </Shown>
    )
  }
  if (place.kind === 'compare') {
    const both = place.runs.join(' or ')
    return (
      <Shown run={both} key={both}>
        <Compared runs={place.runs} close={() => go({ kind: 'home' })} />
      </Shown>
    )
  }
  return setup && <Home setup={setup} filled={filled} fill={fill} go={go} />
}

interface TopProps {
  isHome: boolean
  mayStart: boolean
  go: (place: Place) => void
  help: () => void
}

function Top({ isHome, mayStart, go, help }: TopProps): JSX.Element {
  const home = (event: MouseEvent): void => {
    event.preventDefault()
    go({ kind: 'home' })
  }
  return (
    <nav class="top" aria-label="burst">
      <div>
        <a class="brand-link" href="/" aria-current={isHome ? 'page' : undefined} onClick={home}>
          burst
        </a>
        {!isHome && (
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
