import { once } from 'node:events'
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net'
import { BuiltInGuard } from '../../../guard/built-in-guard.ts'
import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'
import { Engine } from '../engine.ts'
import { socketBudget } from '../http/connection/descriptors.ts'
import { warmUpRun } from './warm-up-run.ts'

const mostUsers = 100
/**
 * A user needs two descriptors, because both ends of its connection are in this process. Half of the free descriptors are not used, because the
 * process may need them.
 */
const usersPerDescriptor = 1 / 4
const loopback = '127.0.0.1'
const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n'
const firstResponse = `${head}set-cookie: warm=up; path=/\r\n\r\nok`
const response = `${head}\r\nok`

/**
 * The warm-up waits at most this many milliseconds for its users to end. It then waits for its server to close, again at most this many milliseconds.
 */
const cleanUpMs = 500

/** The duration of the warm-up, in milliseconds. */
interface WarmUpTimes {
  /** The minimum duration. After this time, the warm-up ends as soon as the thread is needed for the run. */
  leastMs: number
  mostMs: number
}

/** These times are long enough for V8 to compile the code of a request, and short enough that the run starts almost without delay. */
const defaultTimes: WarmUpTimes = { leastMs: 100, mostMs: 300 }

/**
 * Runs a warm-up: users send requests to a server in this thread, so that V8 compiles the code of the engine before the users of the run start. The
 * users of the warm-up belong to burst, not to the scenario. The warm-up shares no counts, random numbers or connections with the run. When the
 * returned promise resolves, all connections of the warm-up are closed. Does nothing on a system without a loopback interface or without free
 * descriptors. Takes at most 1 s longer than `mostMs`, and never rejects.
 *
 * @param needed resolves when the thread is needed for the run
 */
export async function warmUp(needed: Promise<unknown>, times: WarmUpTimes = defaultTimes): Promise<void> {
  try {
    const users = Math.min(mostUsers, Math.floor(socketBudget() * usersPerDescriptor))
    if (users > 0) await loadOwnServer(users, { needed, ...times })
  } catch {
    // The run continues without a warm-up. Its users and counts are the same; only its first requests are slower.
  }
}

type Warming = WarmUpTimes & { needed: Promise<unknown> }

async function loadOwnServer(users: number, warming: Warming): Promise<void> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    answerAll(socket)
  })
  if (!(await listens(server))) return
  // Without a free descriptor, the server cannot accept a connection. The request then fails, but the result of a request does not matter in the
  // warm-up.
  server.on('error', () => undefined)
  try {
    await runUsers(server, users, warming)
  } finally {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await within(closed, cleanUpMs)
  }
}

async function listens(server: Server): Promise<boolean> {
  server.listen(0, loopback)
  return once(server, 'listening').then(
    () => true,
    () => false,
  )
}

async function runUsers(server: Server, users: number, warming: Warming): Promise<void> {
  const { port } = server.address() as AddressInfo
  const { scenario, setup } = warmUpRun(`http://${loopback}:${port}`, users)
  const ignore = (): void => undefined
  const engine = new Engine(setup, scenario, { builtIns: new BuiltInGuard(ignore), tell: ignore, feeds: [] })
  try {
    await loadUntilNeeded(engine, warming)
    await within(endOf(engine), cleanUpMs)
  } finally {
    engine.close()
  }
}

async function loadUntilNeeded(engine: Engine, { needed, leastMs, mostMs }: Warming): Promise<void> {
  try {
    engine.begin()
    const least = new Promise<void>((resolve) => setTimeout(resolve, leastMs))
    await Promise.all([least, within(needed, mostMs)])
  } finally {
    engine.stop({ graceMs: 0, skipOnStop: true, isRunStopped: false })
  }
}

async function endOf(engine: Engine): Promise<void> {
  await engine.done
  await engine.flush(true)
}

/** Waits until `work` has settled, but for at most `mostMs`. */
async function within(work: Promise<unknown>, mostMs: number): Promise<void> {
  const most = Promise.withResolvers<void>()
  const timer = setTimeout(most.resolve, mostMs)
  try {
    await Promise.race([work, most.promise])
  } finally {
    clearTimeout(timer)
  }
}

function answerAll(socket: Socket): void {
  let next = firstResponse
  socket.on('error', () => socket.destroy())
  socket.on('data', () => {
    socket.write(next)
    next = response
  })
}
