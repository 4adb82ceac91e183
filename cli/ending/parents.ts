import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { isThere, processFacts } from './process-facts.ts'

const pollMs = 500
/** The most parents that are followed: npx, its shell, a script, a script that called it, and so on. */
const mostParents = 8
/** A shell starts the commands of a pipeline within this time, in ticks. If it starts one later, it has not waited for burst. */
const togetherTicks = 20
const shells = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'busybox', 'fish'])
/**
 * These programs start no other program. When one of them is a parent of burst, a bash that had started burst has replaced itself by the
 * last command of its line, without waiting for burst.
 */
const startNothing = new Set(['sleep', 'cat', 'tail'])

/** A process that seems to wait for burst to end. */
interface Parent {
  pid: number
  /** The child through which it started burst. */
  child: number
  isShell: boolean
}

/**
 * Calls `act` once when a process that started burst and waited for it has ended: npx, npm, or the shell of a script. It does not watch a
 * parent that burst is meant to outlive: when burst leads a process group (a job of an interactive shell, `setsid`), runs under `nohup`,
 * was put into the background by a script, or has no parent (process 1 of a container).
 * @returns a function that ends the watch
 */
export function whenParentsEnd(act: () => void): () => void {
  let parents = survivesItsShell() ? [] : waitingParents()
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

/** Whether burst was started by `nohup`. The handling of SIGHUP does not show it, because Node restores the default; other traces do. */
export function survivesItsShell(): boolean {
  if (basename(process.env['_'] ?? '') === 'nohup') return true
  return [1, 2].some((descriptor) => basename(openFile(process.pid, descriptor) ?? '') === 'nohup.out')
}

/** The parents of burst in its process group that seem to wait for it, the nearest first. */
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

/** The parent of a process, if it belongs to the group and seems to wait. */
function parentOf(child: number, group: number): Parent | undefined {
  const pid = processFacts(child)?.parent ?? 0
  const facts = pid > 1 ? processFacts(pid) : undefined
  if (facts?.group !== group || startNothing.has(facts.program)) return undefined
  const parent = { pid, child, isShell: shells.has(facts.program) }
  return isInBackgroundOf(parent) ? undefined : parent
}

/** A shell without job control connects what it starts with `&` to the null device. */
function isInBackgroundOf({ pid, child, isShell }: Parent): boolean {
  return isShell && openFile(child, 0) === '/dev/null' && openFile(pid, 0) !== '/dev/null'
}

/** The index of the first shell that does not wait, because it later started another command; the length of the list if there is none. */
function firstThatWentOn(parents: readonly Parent[]): number {
  const place = parents.findIndex(({ pid, child, isShell }) => {
    const startedAt = processFacts(child)?.startedAt ?? Number.NaN
    return isShell && childrenOf(pid).some((one) => (processFacts(one)?.startedAt ?? 0) > startedAt + togetherTicks)
  })
  return place < 0 ? parents.length : place
}

/** The nearest parent has ended when burst has another parent, even before the ended one is collected. */
function isGone({ pid, child }: Parent): boolean {
  if (child === process.pid && process.ppid !== pid) return true
  return process.platform === 'linux' ? processFacts(pid) === undefined : !isThere(pid)
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
