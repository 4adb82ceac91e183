import { BurstError } from '../../../core/errors.ts'

/** The error for a change whose cost the user has not accepted yet. */
export class CostNotAccepted extends BurstError {
  constructor(question: string) {
    super('invalidInput', question, { hint: 'press the Change button again to accept the cost' })
  }
}
