interface Rules<T> {
  /** Returns the error message for an assignment to a property that the objects do not have. */
  refusal: (name: string) => string
  /**
   * Called when code reads a property that the objects do not have. Returns the value that the code gets. If `read` is missing, the code gets
   * undefined.
   */
  read?: (object: T, name: string) => unknown
}

/**
 * Refuses assignments to properties that the objects of a class do not have, such as `this.http.auth = …`. Otherwise, JavaScript would create the
 * property, and the assignment would have no effect on the requests.
 */
export function guardProperties<T extends object>(prototype: T, { refusal, read }: Rules<T>): void {
  const last = new Proxy(
    {},
    {
      get(target, name, object: T) {
        if (typeof name === 'symbol' || name in target) return Reflect.get(target, name, object) as unknown
        // `read` applies only to objects of the class, not to the prototype itself.
        return object === prototype ? undefined : read?.(object, name)
      },
      set(_, name) {
        throw new TypeError(refusal(String(name)))
      },
    },
  )
  Object.setPrototypeOf(prototype, last)
}
