import { type BurstError, invalidInput } from '../../errors.ts'

/** An error that the scenario's own code throws, for example in a constructor. Such an error does not mean that burst cannot read a value. */
class OwnError {
  readonly thrown: unknown

  constructor(thrown: unknown) {
    this.thrown = thrown
  }
}

/**
 * Reads values of a scenario. A getter or a Proxy may throw any error.
 * @param what names the values in the message, e.g. `the scenario`
 * @throws BurstError (104) when a value cannot be read; errors from `ownCode` are thrown unchanged
 */
export function readable<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    if (isA(OwnError, thrown)) throw thrown.thrown
    throw isBurstError(thrown) ? thrown : unreadable(what, thrown)
  }
}

/** Runs code of the scenario that may throw, inside `readable`. */
export function ownCode<T>(run: () => T): T {
  try {
    return run()
  } catch (thrown) {
    throw isBurstError(thrown) ? thrown : new OwnError(thrown)
  }
}

function unreadable(what: string, thrown: unknown): BurstError {
  const { message, stack } = factsOf(thrown)
  const error = invalidInput(`${what} cannot be read: ${message}`, {
    hint: 'a getter or a Proxy must not throw when burst reads an option or a member of a class',
  })
  // The stack of the thrown error contains the line of the scenario.
  if (stack !== undefined) error.stack = stack
  return error
}

/** Recognises the error by its name, because a bundle has a separate copy of the error class. */
function isBurstError(thrown: unknown): boolean {
  return isA(Error, thrown) && factsOf(thrown).name === 'BurstError'
}

/** Returns false for a Proxy whose prototype cannot be read. */
function isA<T>(kind: new (...given: never[]) => T, thrown: unknown): thrown is T {
  try {
    return thrown instanceof kind
  } catch {
    // Every error that burst creates can be read, so burst did not create this value.
    return false
  }
}

function factsOf(thrown: unknown): { name?: string; message: string; stack?: string | undefined } {
  try {
    if (!(thrown instanceof Error)) return { message: String(thrown) }
    return { name: thrown.name, message: thrown.message, stack: thrown.stack }
  } catch {
    // The thrown value itself may be a Proxy that cannot be read.
    return { message: 'an error that cannot be read' }
  }
}
