import { BurstError } from '../../../core/errors.ts'

/** The error for a change that costs so much that a person has to accept it first. */
export class Unagreed extends BurstError {
  constructor(question: string) {
    super('invalidInput', question, { hint: 'press Change again to agree' })
  }
}
