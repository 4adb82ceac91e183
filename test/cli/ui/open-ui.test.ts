import { afterEach, expect, test } from 'vitest'
import { showUi } from '../../../cli/ui/open-ui.ts'
import { burst, emptyFolder, startBurst } from '../command-line.ts'
import { heard } from '../journey.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const before = new Map(signals.map((signal) => [signal, new Set(process.listeners(signal))]))
afterEach(() => {
  for (const signal of signals)
    for (const listener of process.listeners(signal))
      if (!before.get(signal)?.has(listener)) process.off(signal, listener)
})

test('burst ui ends with exit code 0 after Ctrl-C', async () => {
  const ui = startBurst(['ui', '--ui-port', '0', '--no-open'], await emptyFolder())
  await heard(ui, /page +(\S+)/)
  ui.child.kill('SIGINT')
  expect(await ui.ended).toMatchObject({ code: 0, stderr: '' })
})

test('if npx repeats the signal of a Ctrl-C, the second signal does not interrupt burst ui while it ends', async () => {
  const cwd = await emptyFolder()
  const open = Promise.withResolvers<void>()
  const ended = showUi({
    named: undefined,
    cwd,
    place: { port: 0, host: '127.0.0.1', open: false },
    cloud: undefined,
    say: () => open.resolve(),
  })
  await open.promise
  // burst ui has now printed the address of its page. burst ui installs its signal handlers before the next turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve))
  const listening = process.listenerCount('SIGINT')
  process.emit('SIGINT')
  await ended
  expect(process.listenerCount('SIGINT')).toBe(listening)
  expect(listening).toBe((before.get('SIGINT')?.size ?? 0) + 1)
})

test.each([
  ['--files', ['--files', '.']],
  ['--trace-context', ['--trace-context']],
  ['--otlp or --prometheus-remote-write', ['--otlp', 'http://127.0.0.1:1']],
])('burst ui refuses %s if its page can show reports but cannot start runs', async (flag, args) => {
  const { code, stderr } = await burst(['ui', '.', '--no-open', ...args], await emptyFolder())
  expect([code, stderr]).toEqual([
    104,
    `burst: ${flag} has no effect, because the page of "." starts no runs\n  leave the flag out, or name a scenario or a folder with scenarios\n`,
  ])
})
