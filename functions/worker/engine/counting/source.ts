/** The code that sent a request: a task, `onStart` or `onStop`. Each source has exactly one object, so that a row can compare sources by identity. */
export interface Source {
  /** The class name and the task name, separated by a tab. */
  task: string
  tags: readonly string[]
}
