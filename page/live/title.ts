import { useEffect } from 'preact/hooks'

/** Sets the title of the browser tab while a component is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} – burst`
    return () => {
      document.title = 'burst'
    }
  }, [title])
}
