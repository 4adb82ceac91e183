import { afterEach, expect, test, vi } from 'vitest'
import { uiPlace } from '../../../cli/commands/ui.ts'

const { isTTY } = process.stdout
afterEach(() => {
  vi.unstubAllEnvs()
  process.stdout.isTTY = isTTY
})

test.skipIf(process.platform !== 'linux')('burst ui treats an empty DISPLAY or WAYLAND_DISPLAY as not set', () => {
  process.stdout.isTTY = true
  vi.stubEnv('CI', '')
  const opens = (x11: string | undefined, wayland: string | undefined): boolean => {
    vi.stubEnv('DISPLAY', x11)
    vi.stubEnv('WAYLAND_DISPLAY', wayland)
    return uiPlace({}).open
  }
  expect([opens('', ''), opens('', undefined), opens(undefined, undefined)]).toEqual([false, false, false])
  expect([opens(':0', ''), opens('', 'wayland-0'), opens(undefined, 'wayland-0')]).toEqual([true, true, true])
})
