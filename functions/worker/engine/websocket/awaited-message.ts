import { performance } from '../../../guard/built-ins.ts'
import type { WebSocketExpectation } from '../../../../core/authoring/requests/web-socket.ts'
import { inWords } from '../../../../core/values-in-words.ts'
import { milliseconds } from '../../../../core/words.ts'
import type { CallPlan } from '../http/chain.ts'
import type { Failure } from '../http/failure.ts'
import { alwaysTruthy, checkRuns, isThenable } from '../http/judging/own-judgement.ts'
import { wordsOf } from '../counting/thrown.ts'
import { Message, type Read } from './inbox.ts'
import { type End, Operation } from './operation.ts'
import type { SocketContext } from './services.ts'

/**
 * The HTTP status of a round trip that ended because a message arrived. The target opened the connection with this status. Any other round trip has
 * the status 0.
 */
const switched = 101

interface Wish {
  plan: CallPlan
  /**
   * The time, on the engine's clock, at which the latency begins. If the user has sent a message since the previous wait, this is the time at which
   * it sent the last message. Otherwise, it is the time at which this wait began. 0 if no latency is measured.
   */
  sentMs: number
  /** The duration of the write of the message that the user sent at `sentMs`, in milliseconds; 0 if the user sent no message. */
  writeMs: number
  expected: WebSocketExpectation | undefined
  /** Called when the message has arrived or can no longer arrive. */
  ended: (awaited: AwaitedMessage) => void
  /** `true` if the scenario cannot await the message. */
  refused?: boolean
}

/**
 * A message that the user awaits. The wait counts as one request. The latency of this request begins with the last `send` before the wait, and ends
 * when the message arrives. If there was no `send` since the previous wait, the latency begins when the wait begins.
 */
export class AwaitedMessage extends Operation<Message> {
  readonly #expected: WebSocketExpectation | undefined
  readonly #ended: (awaited: AwaitedMessage) => void
  readonly #writeMs: number
  override readonly refused: boolean

  constructor({ plan, sentMs, writeMs, expected, ended, refused = false }: Wish, context: SocketContext) {
    super(plan, context, performance.now())
    this.#expected = expected
    this.#ended = ended
    this.#writeMs = writeMs
    this.refused = refused
    this.exchange.sentMs = sentMs
  }

  /**
   * Checks a message. Called for each message in the order of arrival, after the ready queue has resumed the user at `nowMs`.
   * @returns true if the message ends the wait: it is the awaited message, or the function of the scenario could not judge it
   */
  offer(message: Message, nowMs: number): boolean {
    const read = Message.readOf(message)
    try {
      if (!isExpected(this.#expected, message)) return false
      this.#endWith(read, { status: switched, failure: null, value: message })
    } catch (thrown) {
      const failure: Failure = { kind: 'expect', message: `the message could not be judged: ${wordsOf(thrown)}` }
      this.#endWith(read, { status: switched, failure })
    }
    this.#ended(this)
    this.settle(Math.max(0, nowMs - this.dueMs))
    return true
  }

  /**
   * Ends the wait with a failure, because the message can no longer arrive. If bytes from the target are the reason, `read` says when these bytes
   * were read.
   */
  fail(failure: Failure, read?: Read): void {
    if (this.over) return
    const end = { status: 0, failure }
    if (read) this.#endWith(read, end)
    else this.finish(performance.now(), end)
    this.context.ready.push(this.dueMs, (lagMs) => this.context.asUser(this.context.user, () => this.settle(lagMs)))
  }

  /**
   * Ends the wait. The end is the time at which the bytes were read, or the time at which the wait began, whichever is later. If the bytes were read
   * before the user sent its message, they are not a reply to this message, and no latency is measured.
   */
  #endWith({ atMs, unreadMs }: Read, end: End<Message>): void {
    const endMs = Math.max(atMs, this.calledMs)
    if (atMs < this.exchange.sentMs) this.exchange.sentMs = 0
    const answeredMs = this.exchange.sentMs === 0 ? endMs : atMs
    this.finish(endMs, end, { answeredMs, timingErrorMs: this.#writeMs + unreadMs })
  }

  override timeOut(): void {
    this.fail({
      kind: 'timeout',
      message: `the expected message did not arrive within ${milliseconds(this.plan.timeoutMs)}`,
    })
  }

  protected override release(): void {
    this.#ended(this)
  }

  protected override get isRoundTrip(): boolean {
    return true
  }
}

function isExpected(expected: WebSocketExpectation | undefined, message: Message): boolean {
  if (expected === undefined) return true
  if (typeof expected === 'string') return message.text().includes(expected)
  if (expected instanceof RegExp) {
    expected.lastIndex = 0
    return expected.test(message.text())
  }
  const answer = expected(message)
  const refused = isThenable(answer) ? 'a promise' : alwaysTruthy(answer)
  if (isThenable(answer)) answer.then(undefined, () => undefined)
  if (refused) throw new TypeError(`the function of expect() returned ${refused}; it must return true or false`)
  return Boolean(answer) && !(answer instanceof Error)
}

/**
 * Checks the argument of `expect`, which may be left out.
 * @throws TypeError when the argument is not a string, a RegExp or a function, or when it is a generator function
 */
export function checkExpected(expected: unknown): void {
  checkRuns(expected, 'the function of expect()')
  if (expected === undefined || typeof expected === 'string' || typeof expected === 'function') return
  if (expected instanceof RegExp) return
  throw new TypeError(
    `expect() was given ${inWords(expected)}; it takes a string, a RegExp or a function of the message`,
  )
}
