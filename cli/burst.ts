#!/usr/bin/env node
// Every version of Node must be able to parse this file. With an old version of Node, burst then prints a sentence instead of a syntax error.
const needed = '22.19'

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0
}

if (isOlder(process.versions.node, needed)) {
  process.stderr.write(
    `burst: Node ${needed} or newer is needed, this is ${process.versions.node}\n` +
      '  for this project: npm install --save-dev node@24, then npx burst as before; for all projects: nvm install 24, or https://nodejs.org\n',
  )
  process.exitCode = 104
} else {
  const { main } = await import('./main.ts')
  const code = await main(process.argv.slice(2))
  // If the command returns 0, keeps the exit code that a failed write to stdout has set.
  process.exitCode = code || process.exitCode || 0
  // Writes pending output to a pipe and reports a failed write. After that, no open handle may prevent the exit of the process.
  process.stdout.write('', () => process.stderr.write('', () => setImmediate(() => process.exit())))
}
