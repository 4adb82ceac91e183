/** The page that shows a run of this process. */
export interface UiOfRun {
  /** Called when the run has begun: prints the address of the page and may open the browser. */
  began(run: string): void
  /** Waits a few seconds at most until a browser that shows the run has its report, then closes the page. */
  close(): Promise<void>
}
