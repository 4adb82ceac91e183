/** A small function. Each generated file that calls the function contains an unchanged copy. */
export interface Snippet {
  text: string
  /** The types of burst that the function uses. */
  types?: readonly string[]
  /** The imports from Node that the function needs. */
  node?: readonly (readonly [name: string, from: string])[]
}
