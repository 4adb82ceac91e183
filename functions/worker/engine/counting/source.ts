/**
 * What a request was sent for: a task, or the beginning or end of a life. There is one object for each, so that a row looks it up only
 * once.
 */
export interface Source {
  /** Class name and task name, joined with a tab. */
  task: string
  tags: readonly string[]
}
