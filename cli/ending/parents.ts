import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { isRunning } from '../../functions/files/temporary.ts'
import { processFacts } from './process-facts.ts'

const pollMs = 500
/** The maximum number of parents that are examined: npx, its shell, a script, a script that called this script, and so on. */
const mostParents = 8
/**
 * The time in ticks within which a shell starts all commands of a pipeline. If a shell starts a command more than 20 ticks after it started burst,
 * the shell does not wait for burst.
 */
const togetherTicks = 20
const shells = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'busybox', 'fish'])
/**
 * Common programs that never start burst and do not wait for burst. Such a program can still be burst's parent: a shell may start burst in the
 * background, and then replace itself with the last command of the script, such as `sleep`.
 */
const startNothing = new Set(['sleep', 'cat', 'tail'])

/** A process that probably waits for burst to exit. */
interface Parent {
  pid: number
  /** The process number of a child of this parent. The child is burst itself or an ancestor of burst. */
  child: number
  isShell: boolean
}

/**
 * Calls `act` once, when an ancestor of burst that waited for burst has ended. Such ancestors are npx, npm and the shell of a script. Does nothing if
 * burst is meant to outlive its parents. burst is meant to outlive its parents in four cases: burst leads a process group (as a job of an interactive
 * shell, or after `setsid`); burst runs under `nohup`; a script started burst in the background; burst or its parent is process 1 of a container.
 * @returns a function that stops the watch
 */
export function whenParentsEnd(act: () => void): () => void {
  let parents = isUnderNohup() ? [] : waitingParents()
  if (parents.length === 0) return () => undefined
  const timer = setInterval(() => {
    parents = parents.slice(0, firstThatWentOn(parents))
    if (!parents.some(isGone)) return
    clearInterval(timer)
    act()
  }, pollMs)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * Returns true if `nohup` started burst. `nohup` makes burst ignore SIGHUP, but Node restores the default handling. The handling of SIGHUP therefore
 * does not show whether `nohup` started burst.
 */
export function isUnderNohup(): boolean {
  if (basename(process.env['_'] ?? '') === 'nohup') return true
  return [1, 2].some((descriptor) => basename(openFile(process.pid, descriptor) ?? '') === 'nohup.out')
}

/** Returns the ancestors of burst that are in burst's process group and probably wait for burst, the nearest first. */
function waitingParents(): Parent[] {
  const own = processFacts(process.pid)
  if (!own || own.group === process.pid) return []
  const found: Parent[] = []
  for (let next = parentOf(process.pid, own.group); next && found.length < mostParents;) {
    found.push(next)
    next = parentOf(next.pid, own.group)
  }
  return found
}

/** Returns the parent of a process if the parent belongs to the process group and probably waits for burst. */
function parentOf(child: number, group: number): Parent | undefined {
  const pid = processFacts(child)?.parent ?? 0
  const facts = pid > 1 ? processFacts(pid) : undefined
  if (facts?.group !== group || startNothing.has(facts.program)) return undefined
  const parent = { pid, child, isShell: shells.has(facts.program) }
  return isInBackgroundOf(parent) ? undefined : parent
}

/**
 * Returns true if a shell started burst in the background. A shell without job control connects the stdin of a background command (`&`) to the null
 * device.
 */
function isInBackgroundOf({ pid, child, isShell }: Parent): boolean {
  return isShell && openFile(child, 0) === '/dev/null' && openFile(pid, 0) !== '/dev/null'
}

/**
 * Returns the index of the first shell that has started another command after burst. Such a shell does not wait for burst. If all shells wait,
 * returns the length of the list.
 */
function firstThatWentOn(parents: readonly Parent[]): number {
  const place = parents.findIndex(({ pid, child, isShell }) => {
    const startedAt = processFacts(child)?.startedAt ?? Number.NaN
    return isShell && childrenOf(pid).some((one) => (processFacts(one)?.startedAt ?? 0) > startedAt + togetherTicks)
  })
  return place < 0 ? parents.length : place
}

/**
 * Returns true if the process has ended. When the direct parent of burst has ended, burst has a new parent process, even if the ended parent is still
 * a zombie.
 */
function isGone({ pid, child }: Parent): boolean {
  if (child === process.pid && process.ppid !== pid) return true
  return process.platform === 'linux' ? processFacts(pid) === undefined : !isRunning(pid)
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
  } catch {
    return []
  }
}

function openFile(pid: number, descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`)
  } catch {
    return undefined
  }
}
