import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { BurstConfig } from '../../core/config.ts'
import { invalidInput } from '../../core/errors.ts'
import { burstPlugin } from '../bundle/compile/burst-plugin.ts'

const names = ['burst.config.ts', 'burst.config.mts', 'burst.config.js', 'burst.config.mjs'] as const

/**
 * The settings in a folder's `burst.config.ts`; empty if the file does not exist.
 * @throws BurstError (104) when it cannot be read or exports no settings
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

const kinds: Record<keyof BurstConfig, (value: unknown) => boolean> = {
  region: isText,
  profile: isText,
  stackName: isText,
  allow: isList,
  memory: isCount,
  architecture: (value) => value === 'arm64' || value === 'x86_64',
  vpc: isText,
  subnets: isList,
  securityGroups: isList,
  retentionDays: isCount,
  permissionsBoundary: isText,
  rolePath: isText,
  kmsKey: isText,
  assetBucket: isText,
  tags: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isText),
  reserve: isCount,
  maxWorkers: isCount,
}

/**
 * Checks each of the given settings.
 * @param name their source, for the sentence
 * @throws BurstError (104) that names the setting
 */
export function checkedSettings(config: unknown, name: string): BurstConfig {
  if (typeof config !== 'object' || config === null) {
    throw invalidInput(`${name} exports no settings`, {
      hint: "write: export default defineConfig({ allow: ['shop.example.com'] })",
    })
  }
  for (const [key, value] of Object.entries(config)) {
    const fits = Object.hasOwn(kinds, key) ? kinds[key as keyof BurstConfig] : undefined
    if (!fits) throw invalidInput(`${name} has a setting '${key}', which burst does not know`, { hint: known })
    if (value !== undefined && !fits(value)) throw invalidInput(`${name}: ${key} is ${JSON.stringify(value)}`)
  }
  return config
}

const known = `the settings are ${Object.keys(kinds).join(', ')}`

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0
}
