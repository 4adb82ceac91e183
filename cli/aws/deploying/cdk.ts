import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BurstError } from '../../../core/errors.ts'
import { packageRoot } from '../../../build/package-root.ts'

type Packages = Readonly<Record<string, string>>

/**
 * Throws if the AWS CDK is not installed. Only `burst deploy` needs the CDK. The CDK is an optional peer dependency, because it would more than
 * double the size of an installation.
 * @throws BurstError (97) with the command that installs the missing packages
 */
export function requireCdk(): void {
  const burst = manifest()
  const missing = Object.keys(burst.peerDependencies).filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  const packages = missing.map((name) => `${name}@${tested(name, burst)}`)
  throw new BurstError('runFailed', `burst deploy needs the AWS CDK, and ${missing.join(', ')} cannot be found`, {
    hint: `run npm install --save-dev ${packages.join(' ')} (about 300 MB), then burst deploy again`,
  })
}

interface Manifest {
  /**
   * The package versions with which burst is tested. This field usually also exists after an installation, because npm publishes the whole
   * `package.json`.
   */
  devDependencies?: Packages
  peerDependencies: Packages
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as Manifest
}

function tested(name: string, { devDependencies, peerDependencies }: Manifest): string {
  return devDependencies?.[name] ?? (peerDependencies[name] as string)
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}
