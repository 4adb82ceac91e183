import { once } from 'node:events'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type MessagePort, workerData } from 'node:worker_threads'
import type { Scenario } from '../../../core/authoring/definition.ts'
import { takeParentPort } from '../../guard/own-port.ts'
import { guardThread } from '../../guard/process-guard.ts'
import { Targets } from '../../guard/targets.ts'
import { marks, shared } from '../../../core/authoring/runtime.ts'
import { masker } from '../../../core/secrets.ts'
import { guardOutput } from '../../user-output.ts'
import { BuiltInGuard } from '../../guard/built-in-guard.ts'
import { NodeMembers } from '../../guard/node-members.ts'
import { installCurrentUser } from './users/current-user.ts'
import { Engine } from './engine.ts'
import type { EngineTurn } from './handover/inheritance.ts'
import type { EngineSetup, EngineStart, FromEngine, ToEngine } from './protocol.ts'
import { CpuProfile } from './cpu-profile.ts'
import type { SampleLog } from './sample-log.ts'
import { keysIn } from './http/connection/security.ts'
import { isTaskEnd } from './http/failure.ts'
import { userStack, wordsIn } from './counting/thrown.ts'
import { warmUp } from './warming/warm-up.ts'

/**
 * The code of the engine's thread. This thread runs the users. It exchanges messages only with the shell. The shell runs on the main thread, and can
 * end the engine at any moment.
 */
const port = takeParentPort()
const { setup: given, warmsUp } = workerData as EngineStart
const arriving = given ? Promise.resolve(given) : setupFrom(port)
if (warmsUp) await warmUp(arriving)
const setup = await arriving
const { plan, fleet, slice } = setup
Object.assign(process.env, plan.env)
let secretsMasked = masker(plan)
const masked = (text: string): string => secretsMasked(text)
const output = guardOutput({ prefix: fleet.slices.length > 1 ? `[worker ${slice}] ` : '', masked, open: false })
const tell = (message: FromEngine): void => port.postMessage(message)
let flushing: Promise<void> = Promise.resolve()
let finished = false

try {
  await run()
} catch (error) {
  tell({ type: 'failed', message: masked(inOneLine(error)) })
} finally {
  output.flush()
}

/** Returns the setup of a thread that was started before its run was planned. The setup is the first message that the thread receives. */
async function setupFrom(shell: MessagePort): Promise<EngineSetup> {
  const [setup] = (await once(shell, 'message')) as [EngineSetup]
  return setup
}

async function run(): Promise<void> {
  process.setSourceMapsEnabled(true)
  const early: string[] = []
  let notice = (text: string): void => void early.push(text)
  installCurrentUser((text) => notice(text))
  if (setup.allow) guardThread(new Targets(setup.allow))
  const builtIns = new BuiltInGuard((text) => notice(text))
  const nodeMembers = new NodeMembers()
  const feeds: object[] = (shared[marks.feeds] = [])
  const bundle = (await import(pathToFileURL(setup.bundleFile).href)) as { default: Scenario }
  builtIns.restore()
  secretsMasked = masker({ ...plan, keys: keysIn(bundle.default.tls) })
  output.open()
  delete shared[marks.feeds]
  const engine = new Engine(setup, bundle.default, { builtIns, nodeMembers, tell, feeds })
  engine.recorder.masked = masked
  engine.recorder.bundleFile = setup.bundleFile
  notice = (text) => engine.notice(text)
  for (const text of new Set(early)) engine.notice(text)
  const count = (thrown: unknown): void => countUnhandled(engine, thrown)
  process.on('unhandledRejection', count)
  process.on('uncaughtException', count)
  const begin = listen(engine)
  tell({ type: 'loaded' })
  const turn = await begin
  const profile = plan.cpuProfile ? new CpuProfile() : undefined
  engine.begin(turn)
  await engine.done
  if (profile) await handOverProfile(profile, engine)
  if (engine.samples) endSamples(engine.samples, engine)
  output.flush()
  await flushInTurn(engine, true)
  engine.close()
  port.unref()
}

/**
 * Counts an error that user code does not handle, for example an error in a timer. An unhandled error never ends the worker. An error that only ends
 * a task (see `TaskEnd`) is not an exception, so it is not counted.
 */
function countUnhandled(engine: Engine, thrown: unknown): void {
  if (!isTaskEnd(thrown)) engine.recorder.exception(thrown)
}

/**
 * Handles the messages of the shell. Resolves when the shell orders the engine to begin. Before this order, the shell claims the slice for this
 * attempt, and waits until the turn of this attempt can begin.
 */
function listen(engine: Engine): Promise<EngineTurn | undefined> {
  const { promise, resolve } = Promise.withResolvers<EngineTurn | undefined>()
  port.on('message', (message: ToEngine) => {
    if (message.type === 'begin') resolve(message.turn)
    else if (message.type === 'inherit') engine.executor.inherit(message.part)
    else if (message.type === 'control') engine.control(message)
    else if (message.type === 'stop') engine.stop(message)
    else void flushInTurn(engine, false)
  })
  return promise
}

async function handOverProfile(profile: CpuProfile, engine: Engine): Promise<void> {
  const text = await profile.end()
  if (text === undefined) engine.notice('the CPU profile of a worker was left out because it was too large')
  else tell({ type: 'file', ending: 'cpuprofile', text })
}

function endSamples(samples: SampleLog, engine: Engine): void {
  samples.handOver()
  if (samples.leftOut > 0)
    engine.notice(`the file of --samples contains only the first ${samples.kept} requests of a worker`)
}

/** Flushes the counts. Flushes run one after another. After the last flush (`done`), no further flush runs. */
function flushInTurn(engine: Engine, done: boolean): Promise<void> {
  flushing = flushing.then(() => {
    if (finished) return undefined
    finished = done
    return engine.flush(done)
  })
  return flushing
}

/** Returns the message of the error that ended the engine. Adds the place in the scenario that caused the error, if the stack contains this place. */
function inOneLine(error: unknown): string {
  const [place] = userStack(error, setup.bundleFile).split('\n')
  return `${wordsIn(error, dirname(setup.bundleFile))}${place ? `, ${place.trim()}` : ''}`
}
