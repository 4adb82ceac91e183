import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

const files: [file: string, name: string, isOfEnd?: boolean][] = [
  ['report.html', 'Report'],
  ['report.json', 'JSON'],
  ['report.md', 'Markdown'],
  ['stats.csv', 'CSV per name'],
  ['history.csv', 'CSV over time'],
  ['failures.csv', 'CSV of failures'],
  ['exceptions.csv', 'CSV of exceptions'],
  ['latency.hlog', 'HdrHistogram log'],
  ['junit.xml', 'JUnit', true],
]

export interface DownloadsProps {
  run: string
  /** `true` if the run is in progress. During a run, the files contain the counts so far, and files that contain only the verdict are not offered. */
  isInProgress?: boolean
}

/** Shows a menu of links to the files of a run. Escape or a click outside the menu closes the menu. */
export function Downloads({ run, isInProgress = false }: DownloadsProps): JSX.Element {
  const menu = useRef<HTMLDetailsElement>(null)
  const close = (): void => void (menu.current && (menu.current.open = false))
  useEffect(() => {
    const outside = ({ target }: Event): void => {
      if (!(target instanceof Node && menu.current?.contains(target) === true)) close()
    }
    addEventListener('click', outside)
    return () => removeEventListener('click', outside)
  }, [])
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || menu.current?.open !== true) return
    // Stops the event, because otherwise Escape would also select the whole run.
    event.stopPropagation()
    close()
    menu.current.querySelector('summary')?.focus()
  }
  return (
    <details class="downloads" ref={menu} onKeyDown={escape}>
      <summary class="button">{isInProgress ? 'Download so far' : 'Download'}</summary>
      <ul>
        {files
          .filter(([, , isOfEnd]) => !isInProgress || isOfEnd !== true)
          .map(([file, name]) => (
            <li>
              <a href={`/api/runs/${run}/files/${file}?save`} download={`${run}-${file}`} onClick={close}>
                {name} <span class="hint">{file}</span>
              </a>
            </li>
          ))}
      </ul>
    </details>
  )
}
