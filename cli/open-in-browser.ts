import { spawn } from 'node:child_process'

const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Opens a file in the browser. Prints a message to stderr if the program that opens files cannot be started. */
export function openInBrowser(file: string): void {
  const [command, ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(command, [...args, file], { stdio: 'ignore', detached: true })
  child.on('error', () => process.stderr.write('no browser could be opened\n'))
  child.unref()
}
