import type { JSX } from 'preact'

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
  /** The run goes on: the files hold what was counted so far, and those that only state the verdict are not offered. */
  goesOn?: boolean
}

/** Links to the files of a run. */
export function Downloads({ run, goesOn = false }: DownloadsProps): JSX.Element {
  return (
    <p class="downloads">
      <span>{goesOn ? 'Download, as counted so far' : 'Download'}</span>
      {files
        .filter(([, , isOfEnd]) => !goesOn || isOfEnd !== true)
        .map(([file, name]) => (
          <a href={`/api/runs/${run}/files/${file}?save`} download={`${run}-${file}`}>
            {name}
          </a>
        ))}
    </p>
  )
}
