interface Rules<T> {
  /** Returns the message for an assignment to a property that the objects do not have. */
  refusal: (name: string) => string
  /** Returns the value of a property that the objects do not have. Default: undefined. */
  read?: (object: T, name: string) => unknown
}

/**
 * Defines what happens with properties that the objects of a class do not have, such as `this.http.auth = …`. Without this function, JavaScript would
 * create the property, and the assignment would have no effect.
 */
export function guardProperties<T extends object>(prototype: T, { refusal, read }: Rules<T>): void {
  const last = new Proxy(
    {},
    {
      get(target, name, object: T) {
        if (typeof name === 'symbol' || name in target) return Reflect.get(target, name, object) as unknown
        // Objects of the class have these values, but the prototype itself does not.
        return object === prototype ? undefined : read?.(object, name)
      },
      set(_, name) {
        throw new TypeError(refusal(String(name)))
      },
    },
  )
  Object.setPrototypeOf(prototype, last)
}
