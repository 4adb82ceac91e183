import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import * as v from 'valibot'
import type { BurstConfig } from '../../core/config.ts'
import { invalidInput } from '../../core/errors.ts'
import { inWords } from '../../core/values-in-words.ts'
import { burstPlugin } from '../bundle/compile/burst-plugin.ts'
import { allSettings } from './settings-schema.ts'

const names = ['burst.config.ts', 'burst.config.mts', 'burst.config.js', 'burst.config.mjs'] as const

/**
 * Returns the settings in the `burst.config.ts` of a folder. Returns an empty object if the file does not exist.
 * @throws BurstError (104) when the file cannot be read or does not export settings
 */
export async function readConfig(folder: string): Promise<BurstConfig> {
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found?.isFile()) return checkedSettings(await load(folder, name), name)
  }
  return {}
}

async function load(folder: string, name: string): Promise<unknown> {
  try {
    const { outputFiles } = await build({
      entryPoints: [name],
      absWorkingDir: folder,
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      plugins: [burstPlugin],
      logLevel: 'silent',
    })
    const code = Buffer.from(outputFiles[0]?.text ?? '').toString('base64')
    return ((await import(`data:text/javascript;base64,${code}`)) as { default?: unknown }).default
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('\n').at(-1) ?? '') : String(cause)
    throw invalidInput(`${name} cannot be loaded: ${message}`, { cause })
  }
}

/**
 * Checks each setting.
 * @param name the source of the settings, which the error message names
 * @throws BurstError (104) that names the wrong setting
 */
export function checkedSettings(config: unknown, name: string): BurstConfig {
  if (typeof config !== 'object' || config === null) {
    throw invalidInput(`${name} exports no settings`, {
      hint: "write: export default defineConfig({ allow: ['shop.example.com'] })",
    })
  }
  for (const [key, value] of Object.entries(config)) {
    const setting = Object.hasOwn(allSettings, key) ? allSettings[key] : undefined
    if (!setting) throw invalidInput(`${name} has a setting '${key}', which burst does not know`, { hint: known })
    if (value !== undefined && !v.is(setting.schema, value)) {
      throw invalidInput(`${name}: ${key} is ${inWords(value)}`, { hint: `give ${setting.wanted}` })
    }
  }
  return config
}

const known = `the settings are ${Object.keys(allSettings).join(', ')}`
