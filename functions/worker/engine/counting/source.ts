/**
 * What a request was sent for: a task, or the beginning or end of a life. There is one object for each, so that a row can tell whether it
 * knows the source.
 */
export interface Source {
  /** Class name and task name, joined with a tab. */
  task: string
  tags: readonly string[]
}
