import type { ComponentChildren, JSX, RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { spelledOut } from '../../core/report/html/markup.ts'
import { Progress } from '../figure.tsx'
import type { RunModel } from '../model/model.ts'
import { Compare } from './compare.tsx'
import { modelOfFile, problemOf } from './given.ts'

/** The parts of the page that let the user compare the run of the page with a run from a file. */
export interface Comparing {
  /** The button that opens the file dialog. */
  button: JSX.Element
  /** The comparison, the error, or the progress of reading the file. Shows nothing until the user has chosen a file. */
  section: ComponentChildren
}

/** Compares `model` with a report from a file. The user drops the file anywhere on the page, or chooses it with a button. */
export function useComparing(model: RunModel, theme: string): Comparing {
  const [other, setOther] = useState<RunModel | null>(null)
  const [problem, setProblem] = useState('')
  const [reading, setReading] = useState<string | null>(null)
  const asked = useRef(0)
  const opener = useRef<HTMLButtonElement>(null)
  const read = (file: File): void => {
    const mine = ++asked.current
    const end = (then: () => void): void => {
      if (mine !== asked.current) return
      setReading(null)
      then()
    }
    setProblem('')
    setReading(spelledOut(file.name))
    modelOfFile(file).then(
      (read) => end(() => setOther(read)),
      (error: unknown) => end(() => setProblem(problemOf(error))),
    )
  }
  useDroppedFile(read)
  const close = (): void => {
    // If burst is still reading a file when the user closes the comparison, the comparison must not open again.
    asked.current++
    setReading(null)
    setOther(null)
    setProblem('')
    opener.current?.focus()
  }
  const section = (
    <>
      <p class="alert problem" role="alert" hidden={problem === ''}>
        {problem}
      </p>
      {reading !== null && <Progress of={`Reading ${reading}`} />}
      {other && <Compare {...ordered(model, other)} theme={theme} close={close} />}
    </>
  )
  return { button: <FileButton read={read} opener={opener} />, section }
}

/** Sorts the two runs by their start. The older run is the run that began first. */
function ordered(one: RunModel, other: RunModel): { older: RunModel; newer: RunModel } {
  const isFirst = other.report.run.startedAt <= one.report.run.startedAt
  return isFirst ? { older: other, newer: one } : { older: one, newer: other }
}

interface FileButtonProps {
  read: (file: File) => void
  opener: RefObject<HTMLButtonElement | null>
}

function FileButton({ read, opener }: FileButtonProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  const choose = (chosen: HTMLInputElement): void => {
    const [file] = chosen.files ?? []
    chosen.value = ''
    if (file) read(file)
  }
  return (
    <>
      <button
        ref={opener}
        type="button"
        title="Compare with a report.json or report.html; you can also drop the file onto the page"
        onClick={() => input.current?.click()}
      >
        Compare…
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,.html,application/json,text/html"
        aria-label="Report to compare with"
        onChange={(event) => choose(event.currentTarget)}
      />
    </>
  )
}

function useDroppedFile(read: (file: File) => void): void {
  const latest = useRef(read)
  latest.current = read
  useEffect(() => {
    const mark = (on: boolean): void => void document.documentElement.toggleAttribute('data-dropping', on)
    const holdsFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const over = (event: DragEvent): void => {
      if (!holdsFile(event)) return
      event.preventDefault()
      mark(true)
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) mark(false)
    }
    const drop = (event: DragEvent): void => {
      mark(false)
      if (!holdsFile(event)) return
      event.preventDefault()
      const [file] = event.dataTransfer?.files ?? []
      if (file) latest.current(file)
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [])
}
