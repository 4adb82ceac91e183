import type { Command } from 'commander'
import type { PlaceFlags } from '../aws/place.ts'
import { invalidInput } from '../../core/errors.ts'
import type { UiPlace } from '../ui/open-ui.ts'
import { addDebugFlag, addFlags, filesFlag } from '../flags/flags.ts'
import { filled } from '../flags/run-options.ts'
import { placeFlags } from '../flags/place-flags.ts'
import { type UiFlags, uiFlags } from '../flags/ui-flags.ts'
import { type ReceiverFlags, observingOf, receiverFlags } from './metrics-flags.ts'

type Flags = UiFlags & PlaceFlags & ReceiverFlags & { files?: string; traceContext?: true }

/** `burst ui`: serves the page in which a person starts, watches and stops runs, and reads reports. Ends after a signal. */
export function addUi(program: Command, done: (exitCode: number) => void): void {
  const command = program
    .command('ui')
    .description('start, watch and stop runs in the browser, and show their reports')
    .argument('[what]', 'a scenario, a folder of results, a report.json or a report.html; default: this folder')
  addFlags(command, 'Page:', uiFlags())
  addFlags(command, 'Scenarios:', [filesFlag()])
  addFlags(command, 'Where:', placeFlags())
  addFlags(command, 'Monitoring of the runs that the page starts:', receiverFlags())
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (named: string | undefined, flags: Flags) => {
    const [{ cloudFor }, { showUi }] = await Promise.all([
      import('../ui/cloud/settings.ts'),
      import('../ui/open-ui.ts'),
    ])
    const cwd = process.cwd()
    const say = (line: string): void => void process.stdout.write(`${line}\n`)
    const filesFolder = filled(flags.files, '--files')
    await showUi({
      named,
      cwd,
      place: uiPlace(flags),
      cloud: await cloudFor(flags, cwd),
      filesFolder,
      options: flags.traceContext ? { traceContext: true } : {},
      observe: await observingOf(flags),
      say,
    })
    done(0)
  })
}

/** Returns the port and the address of the page from the flags. @throws BurstError (104) when the port or the address is not valid */
export function uiPlace({ uiPort, uiHost = '127.0.0.1', open }: UiFlags): UiPlace {
  // Throws for an empty value, which usually comes from an unset shell variable. Without this check, an empty port would mean port 0, and an empty
  // address would mean all addresses.
  const port = uiPort === undefined ? undefined : /^\d{1,5}$/.test(uiPort) ? Number(uiPort) : Number.NaN
  if (port !== undefined && !(port <= 65_535)) {
    throw invalidInput(`--ui-port is ${JSON.stringify(uiPort)}`, { hint: 'give a whole number from 0 to 65535' })
  }
  if (uiHost.trim() === '') {
    throw invalidInput(`--ui-host is ${JSON.stringify(uiHost)}`, {
      hint: 'give an address of this machine, or 0.0.0.0 for all its addresses; the default is 127.0.0.1',
    })
  }
  return { port, host: uiHost, open: open !== false && hasDesktop() }
}

/**
 * Returns true if burst may open the browser: stdout is a terminal, `CI` is not set, and on Linux there is an X11 or Wayland display. A remote server
 * usually has no display. An empty variable counts as not set.
 */
function hasDesktop(): boolean {
  const { CI: isBuild, DISPLAY: x11, WAYLAND_DISPLAY: wayland } = process.env
  return process.stdout.isTTY && !isBuild && (process.platform !== 'linux' || Boolean(x11) || Boolean(wayland))
}

const examples = `
Ctrl-C stops the runs that the page has started on this machine, and ends burst ui with exit code 0.

Examples:
  burst ui                              the scenarios of this folder, and its runs
  burst ui shop.burst.ts                this scenario first
  burst ui burst-results/               the reports of a folder
  burst ui burst-results/20261121-104411-shop-7f3a/report.json
  burst ui --ui-port 9000 --no-open
  burst ui upload.burst.ts --files pictures/
  burst ui --prometheus-remote-write http://localhost:9090/api/v1/write
  burst run shop.burst.ts --local --ui  a run with its page`
