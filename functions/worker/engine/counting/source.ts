/** What a request was sent for: a task, or the beginning or end of a life. One object each, so that it is looked at once per row. */
export interface Source {
  /** Class and task, joined with a tab. */
  task: string
  tags: readonly string[]
}
