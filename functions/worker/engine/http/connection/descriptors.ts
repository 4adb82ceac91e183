import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { devNull } from 'node:os'

/**
 * The number of descriptors that are reserved for the process itself (DNS, the store, the report): the fraction `share` of the limit of open files,
 * but at most `most`.
 */
const reserve = { share: 1 / 8, most: 64 }
/** The number of descriptors that the process is assumed to use if its open descriptors cannot be counted. */
const ownByDefault = 40
/** The limit of open files that is assumed if the actual limit is unknown. Lambda and most Linux systems set this limit. */
const limitByDefault = 1024

/** Returns how many connections (at least 1) the users of this process may have open at the same time. */
export function socketBudget(): number {
  const limit = openFilesLimit()
  const free = limit - openFiles() - Math.min(reserve.most, Math.ceil(limit * reserve.share))
  return Math.max(1, free)
}

/**
 * Returns an error if the process has no free descriptor; otherwise null. Called after a failed DNS lookup: without a free descriptor, a lookup
 * reports only "host not found".
 */
export function descriptorFault(): Error | null {
  try {
    closeSync(openSync(devNull, 'r'))
    return null
  } catch (error) {
    return error as Error
  }
}

/** Returns the error of a connection that exceeds the budget. */
export function noDescriptorLeft(): Error {
  return Object.assign(new Error('all connections that this process may open are in use'), { code: 'EMFILE' })
}

function openFiles(): number {
  try {
    return readdirSync('/dev/fd').length
  } catch {
    // The system does not have this folder, or no descriptor is free to read the folder.
    return ownByDefault
  }
}

function openFilesLimit(): number {
  const written = /^Max open files\s+(\d+|unlimited)/m.exec(limitsFile())?.[1]
  if (written === undefined) return limitByDefault
  return written === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(written)
}

function limitsFile(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    // Only Linux has this file; on other systems a default is assumed.
    return ''
  }
}
