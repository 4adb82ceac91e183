import { useEffect, useState } from 'preact/hooks'

/** The run that the address names; null: the list of runs and the form. */
export function useRoute(): [run: string | null, go: (run: string | null) => void] {
  const [run, setRun] = useState(() => runIn(location.pathname))
  useEffect(() => {
    const follow = (): void => setRun(runIn(location.pathname))
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [])
  const go = (next: string | null): void => {
    history.pushState(null, '', next === null ? '/' : `/runs/${next}`)
    scrollTo(0, 0)
    setRun(next)
  }
  return [run, go]
}

function runIn(path: string): string | null {
  return /^\/runs\/([\w.-]+)$/.exec(path)?.[1] ?? null
}
