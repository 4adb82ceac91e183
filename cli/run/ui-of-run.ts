/** The page that shows a run of this process. */
export interface UiOfRun {
  /** Called immediately before the run starts. Prints the address of the page and opens the browser if the options allow it. */
  began(run: string): void
  /**
   * Closes the server of the page. If a browser is connected, first waits until one browser has received the report. The wait ends after 3 s at the
   * latest.
   */
  close(): Promise<void>
}
