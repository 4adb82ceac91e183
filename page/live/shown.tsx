import type { ComponentChildren, JSX } from 'preact'
import { useErrorBoundary } from 'preact/hooks'
import { Problems } from './problems.tsx'

/** Shows a report or a comparison. Shows an error message instead if a part of a report is missing, for example because a person edited the file. */
export function Shown({ run, children }: { run: string; children: ComponentChildren }): JSX.Element {
  const [fault] = useErrorBoundary() as [Error | undefined, () => void]
  if (!fault) return <>{children}</>
  const message = `the report of ${run} cannot be shown: it is not a complete burst report`
  return (
    <section class="waiting">
      <h1>{run}</h1>
      <Problems errors={[{ field: 'form', message, hint: fault.message }]} />
    </section>
  )
}
