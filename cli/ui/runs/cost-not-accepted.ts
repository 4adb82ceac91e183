import { BurstError } from '../../../core/errors.ts'

/** The error (104) for a change whose additional cost the user has not accepted yet. Its message is the question about the cost. */
export class CostNotAccepted extends BurstError {
  constructor(question: string) {
    super('invalidInput', question, { hint: 'press the Change button again to accept the cost' })
  }
}
