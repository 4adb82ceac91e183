import { BurstError } from '../../../core/errors.ts'

/** A change costs more than what is spent without a question. */
export class Unagreed extends BurstError {
  constructor(question: string) {
    super('invalidInput', question, { hint: 'press Change again to agree' })
  }
}
