/**
 * Refuses assignments to properties that the objects of a class do not have, such as `this.http.auth = …`. JavaScript would create the property, and
 * the assignment would have no effect.
 * @param prototype the prototype of the class
 * @param refusal returns the message for the name of a property
 */
export function refuseNewProperties(prototype: object, refusal: (name: string) => string): void {
  const last = new Proxy(
    {},
    {
      set(_, name) {
        throw new TypeError(refusal(String(name)))
      },
    },
  )
  Object.setPrototypeOf(prototype, last)
}
