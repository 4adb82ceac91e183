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
 * Forwards the functions' calls to S3 and Lambda, so that a test can end a function at an exact step. A pattern is compared with one line for
 * each call: the name of the function, the method, the path and a short body, e.g. `burst-worker PUT /bucket/runs/r1/claims/0-0 {"nonce":…}`.
 * A pattern applies only to the first call that matches. A wait for a call fails after four minutes, with the pattern in the error.
 */
export interface Interceptor {
  endpoint: string
  /**
   * Kills the process that makes the call. `before`: the call is not executed. `after`: the call is executed, but the process gets no answer.
   * @returns the id of the process, when it has been killed
   */
  kill(call: RegExp, when: 'before' | 'after'): Promise<number>
  /** Executes the call twice, at the same time. Resolves when both have been executed. */
  double(call: RegExp): Promise<void>
  close(): Promise<void>
}

interface Asked {
  caller: string
  line: string
  /** The port from which the function calls. */
  port: number
  /** Executes the call. */
  execute(): Promise<Answer>
}

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

interface Rule {
  call: RegExp
  /** Undefined: the function gets no answer. */
  answer(asked: Asked): Promise<Answer | undefined>
}

/** The longest time until a function makes a call, also on a busy machine. It is shorter than the time limit of a test. */
const patienceMs = 240_000

/** The longest time for which the process that makes a call is searched. */
const searchMs = 10_000

/** Longer bodies are not compared with patterns. */
const shortBytes = 20_000

/** @param mostMs the longest time for which a test waits until a function makes a call, milliseconds */
export async function startInterceptor(
  cloud: Pick<Cloud, 'endpoint' | 'processesOf'>,
  mostMs = patienceMs,
): Promise<Interceptor> {
  const rules = new Set<Rule>()
  const waits = new Set<NodeJS.Timeout>()
  const answerTo = async (asked: Asked): Promise<Answer | undefined> => {
    const rule = [...rules].find(({ call }) => call.test(asked.line))
    if (!rule) return asked.execute()
    rules.delete(rule)
    return rule.answer(asked)
  }
  const server = createServer((request, response) => {
    void askedBy(request, cloud.endpoint)
      .then(answerTo)
      .then((answer) => send(response, answer))
      .catch(() => response.destroy())
  })
  const apply = <T>(call: RegExp, act: (asked: Asked) => Promise<readonly [T, Answer | undefined]>): Promise<T> =>
    new Promise((resolve, reject) => {
      const answer = async (asked: Asked): Promise<Answer | undefined> => {
        clearTimeout(late)
        const [result, found] = await act(asked)
        resolve(result)
        return found
      }
      const rule: Rule = {
        call,
        answer: (asked) => answer(asked).catch((error: unknown) => (reject(error), undefined)),
      }
      const late = setTimeout(() => {
        rules.delete(rule)
        reject(new Error(`no function made a call that matches ${call} within ${mostMs / 1000} s`))
      }, mostMs)
      waits.add(late)
      rules.add(rule)
    })
  const kill = async (asked: Asked, when: 'before' | 'after'): Promise<number> => {
    // The kernel's table of sockets may omit a socket while others open and close. The process waits for its answer meanwhile.
    const pid = await until(
      async () => processAt(asked.port, await cloud.processesOf(asked.caller)),
      `no process of ${asked.caller} was found that makes the call ${asked.line.slice(0, 300)}`,
      searchMs,
    )
    if (when === 'after') await asked.execute()
    process.kill(pid, 'SIGKILL')
    return pid
  }
  return {
    endpoint: await listening(server),
    kill: (call, when) => apply(call, async (asked) => [await kill(asked, when), undefined]),
    double: (call) =>
      apply(call, async (asked) => {
        const [answer] = await Promise.all([asked.execute(), asked.execute()])
        return [undefined, answer]
      }),
    close: () => {
      for (const wait of waits) clearTimeout(wait)
      return ended(server)
    },
  }
}

async function askedBy(request: IncomingMessage, endpoint: string): Promise<Asked> {
  const { method = '', url = '', headers, socket } = request
  const body = await buffer(request)
  const [, caller = ''] = /\bapp\/(\S+)/.exec(headers['user-agent'] ?? '') ?? []
  const text = body.length > shortBytes ? '' : body.toString()
  const execute = (): Promise<Answer> => forward(`${endpoint}${url}`, { method, headers, body })
  return { caller, line: `${caller} ${method} ${url} ${text}`, port: socket.remotePort ?? 0, execute }
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
