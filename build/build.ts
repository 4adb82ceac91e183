import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildIdentity, version } from './identity.ts'
import { bundleFunctions } from './bundles.ts'
import { buildPage } from './page.ts'

/** Builds `dist/` from the sources. `dist/` contains the published files, which `npx burst` runs. */
const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
await buildPage(root, join(dist, 'page'))
await bundleFunctions(root, join(dist, 'lambda'), { version: version(), build: await buildIdentity() })
chmodSync(join(dist, 'cli/burst.js'), 0o755)
