import { render } from 'preact'
import { App } from './app.tsx'
import { modelOf, readReport } from './model/model.ts'

/** The entry point of the saved report. It reads the report from the page and replaces the plain tables with the charts. */
async function start(main: HTMLElement, text: string): Promise<void> {
  const model = await modelOf(readReport(text))
  main.replaceChildren()
  render(<App model={model} />, main)
  document.documentElement.dataset['ready'] = ''
}

/** Adds the error to the page. The plain tables stay on the page, because they contain the same values without charts. */
function explain(main: HTMLElement, error: unknown): void {
  const note = document.createElement('p')
  note.className = 'alert'
  note.textContent = `The charts cannot be shown: ${String(error)}`
  main.prepend(note)
}

const main = document.querySelector('main') as HTMLElement
start(main, document.getElementById('report')?.textContent ?? '').catch((error: unknown) => explain(main, error))
