/** The page that shows a run of this process. */
export interface UiOfRun {
  /** Called when the run has begun: prints the address of the page and opens the browser if the options allow it. */
  began(run: string): void
  /** Closes the server of the page. If a browser shows the run, first waits until the browser has received the report, for at most a few seconds. */
  close(): Promise<void>
}
