import { useEffect } from 'preact/hooks'

/** What the tab of the browser is called while something is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} – burst`
    return () => {
      document.title = 'burst'
    }
  }, [title])
}
