/** The page that shows a run of this process. */
export interface UiOfRun {
  /** Called when the run has begun: prints the address of the page and opens the browser if the options allow it. */
  began(run: string): void
  /** Closes the server of the page. Before that, waits until a browser that shows the run has received the report, but for at most a few seconds. */
  close(): Promise<void>
}
