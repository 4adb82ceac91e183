/** A small function that is copied unchanged into each generated file that calls it. */
export interface Snippet {
  text: string
  /** The types of burst that the function uses. */
  types?: readonly string[]
  /** The imports from Node that the function needs. */
  node?: readonly (readonly [name: string, from: string])[]
}
