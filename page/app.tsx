import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useComparing } from './compare/comparing.tsx'
import type { RunModel } from './model/model.ts'
import { ReportPage } from './report.tsx'
import { type View, hashOf, viewOf } from './view.ts'

interface AppProps {
  model: RunModel
  /** The content beside the name of the run. */
  files?: JSX.Element
}

/** Shows the saved report. */
export function App({ model, files }: AppProps): JSX.Element {
  const [view, change] = useView()
  const theme = useTheme()
  const { button, section } = useComparing(model, theme)
  const slots = { tools: button, aside: section, ...(files && { files }) }
  return <ReportPage model={model} view={view} change={change} theme={theme} {...slots} />
}

/**
 * Returns the view that the URL describes, and a function that changes the view. Escape closes the details of the open name. If no details are open,
 * Escape selects the whole run.
 */
export function useView(): [View, (part: Partial<View>) => void] {
  const [view, setView] = useState(() => viewOf(location.hash))
  const change = (part: Partial<View>): void => {
    const next = { ...viewOf(location.hash), ...part }
    history.replaceState(history.state, '', `#${hashOf(next)}`)
    setView(next)
  }
  useEffect(() => {
    const follow = (): void => setView(viewOf(location.hash))
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return
      const { open, span } = viewOf(location.hash)
      if (open !== null) change({ open: null })
      else if (span) change({ span: null })
    }
    addEventListener('hashchange', follow)
    addEventListener('keydown', escape)
    return () => {
      removeEventListener('hashchange', follow)
      removeEventListener('keydown', escape)
    }
  }, [])
  return [view, change]
}

/**
 * Returns the current colour scheme: `light`, `dark`, or `paper` while the page is printed. When this value changes, the charts are created again.
 * The printed page always uses the light scheme.
 */
export function useTheme(): string {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const [theme, setTheme] = useState(dark.matches ? 'dark' : 'light')
  useEffect(() => {
    const follow = (): void => setTheme(dark.matches ? 'dark' : 'light')
    const paper = (): void => onPaper(true, () => setTheme('paper'))
    const screen = (): void => onPaper(false, follow)
    dark.addEventListener('change', follow)
    addEventListener('beforeprint', paper)
    addEventListener('afterprint', screen)
    return () => {
      dark.removeEventListener('change', follow)
      removeEventListener('beforeprint', paper)
      removeEventListener('afterprint', screen)
    }
  }, [])
  return theme
}

function onPaper(on: boolean, then: () => void): void {
  document.documentElement.toggleAttribute('data-paper', on)
  then()
}
