import { Option } from 'commander'

/** The values of the flags that configure the web server of the page, as the person typed them. */
export interface UiFlags {
  uiPort?: string
  uiHost?: string
  /** False with `--no-open`. */
  open?: boolean
}

export function uiFlags(): Option[] {
  return [
    new Option('--ui-port <n>', 'the port of the page; 0 uses any free port; default: 8089, or the next free port'),
    new Option(
      '--ui-host <address>',
      'the address to listen on; default: 127.0.0.1, which only this machine can reach',
    ),
    new Option('--no-open', 'do not open the browser'),
  ]
}
