import { Option } from 'commander'
import { invalidInput } from '../../core/errors.ts'

/** Returns the flag `--local` for commands whose run may be on AWS or on this machine. */
export function localFlag(): Option {
  return new Option('--local', 'use the runs of this machine, without AWS')
}

/**
 * Throws if one of the flags in `names` is set, because these flags do not apply with `--local`.
 * @param names the names of flags, without `--`
 * @throws BurstError (104) that names the first flag in `names` that is set
 */
export function refuseWithLocal(flags: object, names: readonly string[]): void {
  const given: Record<string, unknown> = { ...flags }
  const first = names.find((name) => given[camelCase(name)] !== undefined)
  if (first !== undefined)
    throw invalidInput(`--${first} cannot be used with --local`, { hint: 'remove one of these flags' })
}

/** The names of the flags that `placeFlags` adds, without `--`. */
export const placeNames = ['region', 'profile', 'stack-name', 'endpoint', 'localstack'] as const

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** The hint for a user who did not name a run, or named a run that does not exist on AWS. The hint names the command that lists the runs. */
export const whereRunsAreNamed = 'burst list names the runs on AWS; for a run on this machine, add --local'
