import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  createServer,
  request as ask,
} from 'node:http'
import { buffer } from 'node:stream/consumers'
import { ended, listening } from '../../targets/server.ts'
import { until } from '../until.ts'
import type { Cloud } from './cloud.ts'
import { processAt } from './processes.ts'

/**
 * Forwards the functions' calls to S3 and Lambda, so that a test can kill a function at an exact step. A test selects a call with a pattern. The
 * interceptor compares the pattern with one line for each call: the name of the function, the method, the path and a short body, for example
 * `burst-worker PUT /bucket/runs/r1/claims/0-0 {"nonce":…}`. The pattern applies only to the first call that matches. However, if the function closes
 * the connection of this call before `kill` has found the process of the function, the pattern applies to the next call that matches. If no call
 * matches within four minutes, `kill` and `double` fail with an error that contains the pattern.
 */
export interface Interceptor {
  endpoint: string
  /**
   * Kills the process that makes the call. `before`: the call is not executed. `after`: the call is executed, but the process gets no answer.
   * @returns the id of the killed process
   */
  kill(call: RegExp, when: 'before' | 'after'): Promise<number>
  /** Executes the call twice at the same time. Resolves when both executions have ended. */
  double(call: RegExp): Promise<true>
  close(): Promise<void>
}

interface Asked {
  caller: string
  line: string
  /** The local port of the function's connection. */
  port: number
  /**
   * `true` if the function has closed the connection of this call, for example because the function got no answer in time. The function then repeats
   * the call.
   */
  isGivenUp: () => boolean
  /** Executes the call at the emulator and returns its answer. */
  execute(): Promise<Answer>
}

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

interface Rule {
  call: RegExp
  /** Returns the answer for the function; undefined if the function gets no answer. */
  execute(asked: Asked): Promise<Answer | undefined>
}

interface Applied<T> {
  /** The result of the rule; undefined if the rule was not applied to this call. */
  result?: T
  answer: Answer | undefined
}

/** The longest time until a function makes a call, even on a busy machine. This time is shorter than the time limit of a test. */
const patienceMs = 240_000

/** The longest time for which the interceptor searches for the process that makes a call. */
const searchMs = 60_000

/** The line for a call contains the body of the call only if the body has at most this number of bytes. */
const shortBytes = 20_000

/** @param mostMs the time, in milliseconds, after which `kill` and `double` fail if no function has made a matching call */
export async function startInterceptor(
  cloud: Pick<Cloud, 'endpoint' | 'processesOf'>,
  mostMs = patienceMs,
): Promise<Interceptor> {
  const rules = new Set<Rule>()
  const waits = new Set<NodeJS.Timeout>()
  const answerTo = async (asked: Asked): Promise<Answer | undefined> =>
    ([...rules].find(({ call }) => call.test(asked.line)) ?? asked).execute(asked)
  const server = createServer((request, response) => {
    void askedBy(request, cloud.endpoint)
      .then(answerTo)
      .then((answer) => send(response, answer))
      .catch(() => response.destroy())
  })
  /**
   * Applies a rule to one call of a function. Several calls can match the rule at the same time, and `act` runs for each of them. `act` must
   * therefore run `claim` before it executes a call or kills a process. `claim` removes the rule and returns `true`. If the rule is already removed,
   * `claim` returns `false`.
   */
  const apply = <T>(call: RegExp, act: (asked: Asked, claim: () => boolean) => Promise<Applied<T>>): Promise<T> =>
    new Promise((resolve, reject) => {
      const claim = (): boolean => {
        clearTimeout(late)
        return rules.delete(rule)
      }
      const execute = async (asked: Asked): Promise<Answer | undefined> => {
        const { result, answer } = await act(asked, claim)
        if (result !== undefined) resolve(result)
        return answer
      }
      const rule: Rule = {
        call,
        execute: (asked) => execute(asked).catch((error: unknown) => (reject(error), undefined)),
      }
      const late = setTimeout(() => {
        claim()
        reject(new Error(`no function made a call that matches ${call} within ${mostMs / 1000} s`))
      }, mostMs)
      waits.add(late)
      rules.add(rule)
    })
  const processOf = ({ caller, line, port, isGivenUp }: Asked): Promise<number | null> =>
    // The kernel's table of sockets may omit a socket while other sockets open and close, so the search is repeated.
    until(
      async () => (isGivenUp() ? null : processAt(port, await cloud.processesOf(caller))),
      `no process of ${caller} with a connection from port ${port} was found for ${line.slice(0, 300)}`,
      searchMs,
    )
  return {
    endpoint: await listening(server),
    kill: (call, when) =>
      apply<number>(call, async (asked, claim) => {
        const pid = await processOf(asked)
        if (pid === null) return { answer: undefined }
        if (!claim()) return { answer: await asked.execute() }
        if (when === 'after') await asked.execute()
        process.kill(pid, 'SIGKILL')
        return { result: pid, answer: undefined }
      }),
    double: (call) =>
      apply<true>(call, async (asked, claim) => {
        claim()
        const [answer] = await Promise.all([asked.execute(), asked.execute()])
        return { result: true, answer }
      }),
    close: () => {
      for (const wait of waits) clearTimeout(wait)
      return ended(server)
    },
  }
}

async function askedBy(request: IncomingMessage, endpoint: string): Promise<Asked> {
  const { method = '', url = '', headers, socket } = request
  const { remotePort: port = 0 } = socket
  const body = await buffer(request)
  const [, caller = ''] = /\bapp\/(\S+)/.exec(headers['user-agent'] ?? '') ?? []
  const text = body.length > shortBytes ? '' : body.toString()
  const execute = (): Promise<Answer> => forward(`${endpoint}${url}`, { method, headers, body })
  const isGivenUp = (): boolean => socket.destroyed
  return { caller, line: `${caller} ${method} ${url} ${text}`, port, isGivenUp, execute }
}

function forward(
  url: string,
  { method, headers, body }: { method: string; headers: IncomingHttpHeaders; body: Buffer },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = ask(url, { method, headers }, (response) => {
      const { statusCode: status = 502, headers: answered } = response
      buffer(response).then((bytes) => resolve({ status, headers: answered, body: bytes }), reject)
    })
    asked.once('error', reject)
    asked.end(body)
  })
}

function send(response: ServerResponse, answer: Answer | undefined): void {
  if (!answer) return void response.destroy()
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}
