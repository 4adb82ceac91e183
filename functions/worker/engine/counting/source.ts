/** The code that sent a request: a task, `onStart` or `onStop`. There is one object per source, so that a row can compare sources by identity. */
export interface Source {
  /** Class name and task name, joined with a tab. */
  task: string
  tags: readonly string[]
}
