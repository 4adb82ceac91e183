import { render } from 'preact'
import { App } from './app.tsx'
import { modelOf, readReport } from './model/model.ts'

/** The program of the saved report. It replaces the plain tables and reads the report from the page. */
async function start(main: HTMLElement, text: string): Promise<void> {
  const model = await modelOf(readReport(text))
  main.replaceChildren()
  render(<App model={model} />, main)
  document.documentElement.dataset['ready'] = ''
}

/** The plain tables stay, because they have the same figures without charts. */
function explain(main: HTMLElement, error: unknown): void {
  const note = document.createElement('p')
  note.className = 'alert'
  note.textContent = `The charts cannot be shown: ${String(error)}`
  main.prepend(note)
}

const main = document.querySelector('main') as HTMLElement
start(main, document.getElementById('report')?.textContent ?? '').catch((error: unknown) => explain(main, error))
