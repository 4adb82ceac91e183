#!/usr/bin/env node
// Old versions of Node must be able to parse this file, so that burst can tell their users to update Node. Node below 14.8 cannot parse the `await`
// outside a function.
const needed = '22.19'

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0
}

if (isOlder(process.versions.node, needed)) {
  process.stderr.write(
    `burst: Node ${needed} or newer is needed; this is Node ${process.versions.node}\n` +
      '  for this project: npm install --save-dev node@24, then npx burst as before; for all projects: nvm install 24, or https://nodejs.org\n',
  )
  process.exitCode = 104
} else {
  const { main } = await import('./main.ts')
  const code = await main(process.argv.slice(2))
  // A failed write to stdout sets `process.exitCode`. If the command then returns 0, the process still exits with the code of the failed write.
  process.exitCode = code || process.exitCode || 0
  // The process exits only after all output is written, because stdout may be a pipe. Open handles do not delay the exit.
  process.stdout.write('', () => process.stderr.write('', () => setImmediate(() => process.exit())))
}
