import { relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { workerData } from 'node:worker_threads'
import { BuiltInGuard } from '../guard/built-in-guard.ts'
import { takeParentPort } from '../guard/own-port.ts'
import { guardThread } from '../guard/process-guard.ts'
import { Targets } from '../guard/targets.ts'
import type { RunContext, Scenario } from '../../core/authoring/definition.ts'
import type { WindowFigures } from '../../core/authoring/run-event.ts'
import { masker } from '../../core/secrets.ts'
import { messageWithReason } from '../../core/values-in-words.ts'
import { bytes } from '../../core/words.ts'
import { guardOutput } from '../user-output.ts'
import { noResult } from './hook-records.ts'

/** The setup of the thread in which a hook of the scenario runs. */
export interface HookSetup {
  /** The path of the bundle. */
  file: string
  /** The bundle's folder. The paths in the source map are relative to this folder. */
  folder: string
  hook: 'beforeRun' | 'afterRun' | 'onEvent'
  /** The closed window with which `onEvent` is called. */
  window?: WindowFigures | undefined
  context: RunContext
  /** The hosts that the hook's code may reach; null: any host. */
  allow: readonly string[] | null
  /** The variables for `process.env`. */
  env: Record<string, string>
  /** The `user:password` part of the host's URL, which messages and printed lines must not contain. Default: the URL has no such part. */
  hostUserinfo?: string | undefined
}

export type HookAnswer = { ok: true; json: string } | { ok: false; message: string }

/** The maximum size of the result of `beforeRun`, in bytes of JSON. */
const mostResultBytes = 16_000_000

const port = takeParentPort()
const setup = workerData as HookSetup
process.setSourceMapsEnabled(true)
Object.assign(process.env, setup.env)
const masked = masker({ ...setup, vars: setup.context.vars })
const output = guardOutput({ prefix: `[${setup.hook}] `, masked, open: false })
port.postMessage(await answer())

async function answer(): Promise<HookAnswer> {
  try {
    if (setup.allow) guardThread(new Targets(setup.allow))
    // The guard does not report replaced built-ins here, because the workers report them.
    const builtIns = new BuiltInGuard(() => undefined)
    const bundle = (await import(pathToFileURL(setup.file).href)) as { default: Scenario }
    builtIns.restore()
    output.open()
    const { hook, context, window } = setup
    if (hook === 'onEvent') {
      if (window) await bundle.default.onEvent?.({ type: 'windowClosed', ...context, ...window })
      return { ok: true, json: 'null' }
    }
    const { faults, result } = await carryOut(hook, bundle.default)
    if (faults.length > 0) return { ok: false, message: masked(faults.join('; ')) }
    return answerOf(hook, result)
  } catch (error) {
    return { ok: false, message: masked(faultOf(setup.hook, error)) }
  } finally {
    output.flush()
  }
}

/** Runs the hook, and calls `onEvent` for the start or the end of the run. If `onEvent` fails at the start of the run, `beforeRun` is not called. */
async function carryOut(
  hook: 'beforeRun' | 'afterRun',
  scenario: Scenario,
): Promise<{ faults: string[]; result: unknown }> {
  const { context } = setup
  const isStart = hook === 'beforeRun'
  const event = async (): Promise<unknown> =>
    scenario.onEvent?.(isStart ? { type: 'runStart', ...context } : { type: 'runStop', ...context })
  const own = async (): Promise<unknown> => scenario[hook]?.(context)
  const steps = isStart
    ? ([
        ['onEvent', event],
        ['beforeRun', own],
      ] as const)
    : ([
        ['afterRun', own],
        ['onEvent', event],
      ] as const)
  const faults: string[] = []
  let result: unknown
  for (const [name, step] of steps) {
    try {
      const returned = await step()
      if (name !== 'onEvent') result = returned
    } catch (error) {
      faults.push(faultOf(name, error))
      if (isStart) break
    }
  }
  return { faults, result }
}

/**
 * Returns an answer that contains the result of the hook. If the result of `beforeRun` cannot be used, the answer contains the reason instead. The
 * result of `afterRun` is not used, so it may be a value that JSON cannot represent. The size of the result of `beforeRun` is limited, because every
 * worker reads and parses the whole result.
 */
function answerOf(hook: 'beforeRun' | 'afterRun', result: unknown): HookAnswer {
  try {
    const json = JSON.stringify(result) ?? noResult
    const size = Buffer.byteLength(json)
    if (size <= mostResultBytes) return { ok: true, json }
    if (hook === 'afterRun') return { ok: true, json: noResult }
    const hint = 'return only what the users need, or put the data into a file beside the scenario'
    return {
      ok: false,
      message: `beforeRun returned ${bytes(size)} of JSON, more than ${bytes(mostResultBytes)}: ${hint}`,
    }
  } catch (error) {
    if (hook === 'afterRun') return { ok: true, json: noResult }
    return { ok: false, message: masked(`beforeRun returned a value that is not JSON: ${inWords(error)}`) }
  }
}

function faultOf(name: string, error: unknown): string {
  return `${name} threw: ${inWords(error)}`
}

/** Returns a description of a value that the hook threw. Some values cannot be converted to a string, and the getters of some values throw. */
function inWords(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error)
    const at = placeOf(error.stack ?? '')
    return `${messageWithReason(error) || error.name}${at ? ` (${at})` : ''}`
  } catch {
    return 'a value that cannot be shown as text'
  }
}

/** Returns the `file:line` of the topmost frame in the user's own source; undefined if no frame is in this source. */
function placeOf(stack: string): string | undefined {
  // Skips lines of more than 2,000 characters, because such a long line is part of the error message and not a stack frame.
  for (const line of stack.split('\n').filter((text) => text.length <= 2_000 && !text.includes('node:'))) {
    const [, place, row] = /\(?((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$/.exec(line) ?? []
    if (!place || !row || place.includes('/node_modules/')) continue
    const path = place.startsWith('file:') ? fileURLToPath(place) : place
    if (isUsers(path)) return `${relative(setup.folder, path)}:${row}`
  }
  return undefined
}

/**
 * Returns false for this file and for the bundle. A frame of the bundle belongs to code that burst or the bundler added. The source map does not
 * cover this code.
 */
function isUsers(path: string): boolean {
  return path !== setup.file && !relative(setup.folder, path).includes('hook-thread.')
}
