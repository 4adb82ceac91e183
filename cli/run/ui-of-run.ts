/** The page for a run of this process. */
export interface UiOfRun {
  /** The run has begun: the page is opened and shows it. */
  began(run: string): void
  /** Waits a little until the browsers that look at the run have its report, and closes the page. */
  close(): Promise<void>
}
