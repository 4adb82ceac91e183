import { useEffect, useState } from 'preact/hooks'

/** The views that a URL can select: the start page (the form for a new run, and the list of runs), one run, or a comparison of two runs. */
export type Place = { kind: 'home' } | { kind: 'run'; run: string } | { kind: 'compare'; runs: [string, string] }

/** Returns the view that the URL selects, and a function that opens another view. */
export function useRoute(): [place: Place, go: (place: Place) => void] {
  const [place, setPlace] = useState(() => placeIn(location.pathname))
  useEffect(() => {
    const follow = (): void => setPlace(placeIn(location.pathname))
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [])
  const go = (next: Place): void => {
    history.pushState(null, '', addressOf(next))
    scrollTo(0, 0)
    setPlace(next)
  }
  return [place, go]
}

/** Returns the path of a view on this server. */
export function addressOf(place: Place): string {
  if (place.kind === 'home') return '/'
  return place.kind === 'run' ? `/runs/${place.run}` : `/compare/${place.runs.join('/')}`
}

function placeIn(path: string): Place {
  const [, run] = /^\/runs\/([\w.-]+)$/.exec(path) ?? []
  if (run !== undefined) return { kind: 'run', run }
  const [, first, second] = /^\/compare\/([\w.-]+)\/([\w.-]+)$/.exec(path) ?? []
  return first !== undefined && second !== undefined ? { kind: 'compare', runs: [first, second] } : { kind: 'home' }
}
