import { counted, grouped } from '../../../../core/words.ts'
import type { Outcome } from './write-queue.ts'

/** burst prints at most this many different refusals. */
const refusalsCap = 3

/**
 * Prints a line when the remote-write receiver refuses a message, when sending begins to fail, when the receiver responds again, and when the metrics
 * cannot be read. At the end, prints how many messages were refused or dropped.
 */
export class DeliveryLog {
  readonly #say: (line: string) => void
  readonly #refusals = new Set<string>()
  #sent = 0
  #refused = 0
  #dropped = 0
  #failing = false
  #isUnread = false

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  tried(outcome: Outcome): void {
    if (outcome.kind === 'failed') return this.#failed(outcome.why)
    if (this.#failing) this.#say('metrics: the remote-write receiver answers again')
    this.#failing = false
    this.#sent++
    if (outcome.kind === 'accepted') return
    this.#refused++
    if (this.#refusals.has(outcome.why) || this.#refusals.size >= refusalsCap) return
    this.#refusals.add(outcome.why)
    this.#say(`metrics: the remote-write receiver refused a message: ${outcome.why}`)
  }

  dropped(messages: number): void {
    this.#dropped += messages
  }

  /** Called when the metrics of the run could not be read. */
  unread(why: string): void {
    if (!this.#isUnread) this.#say(`metrics: the values for remote write cannot be read now: ${why}`)
    this.#isUnread = true
  }

  /** @param waiting the number of messages that were not sent */
  ended(waiting: number): void {
    if (waiting > 0) this.#say('metrics: the remote-write receiver did not accept the last counts')
    if (this.#refused > 0)
      this.#say(
        `metrics: the remote-write receiver refused ${grouped(this.#refused)} of ${counted(this.#sent, 'message')}`,
      )
    if (this.#dropped > 0)
      this.#say(
        `metrics: remote write dropped ${counted(this.#dropped, 'message')}, because the receiver failed for a long time`,
      )
  }

  #failed(why: string): void {
    if (!this.#failing) this.#say(`metrics: the remote-write receiver did not accept a message: ${why}`)
    this.#failing = true
  }
}
