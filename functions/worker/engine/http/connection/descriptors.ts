import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { devNull } from 'node:os'

/** Open files and sockets that the process keeps back for itself: DNS, the store, the report. */
const reserve = { share: 1 / 8, most: 64 }
/** What a process has open of its own, where that cannot be counted. */
const ownByDefault = 40
/** The limit that Lambda and most shells give. */
const limitByDefault = 1024

/** Connections that the users of this process may have open at once. At least 1. */
export function socketBudget(): number {
  const limit = openFilesLimit()
  const free = limit - openFiles() - Math.min(reserve.most, Math.ceil(limit * reserve.share))
  return Math.max(1, free)
}

/** The error of a process that has no descriptor left, null if it has one. A lookup without descriptors says "host not found". */
export function descriptorFault(): Error | null {
  try {
    closeSync(openSync(devNull, 'r'))
    return null
  } catch (error) {
    return error as Error
  }
}

/** The error of a connection for which the budget has no room. */
export function noDescriptorLeft(): Error {
  return Object.assign(new Error('all connections that this process may open are in use'), { code: 'EMFILE' })
}

function openFiles(): number {
  try {
    return readdirSync('/dev/fd').length
  } catch {
    // No such folder on this system, or no descriptor left to read it with.
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
    // Only Linux has it; what it would say is then assumed.
    return ''
  }
}
