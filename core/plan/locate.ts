/**
 * Finds a string in the user's sources and returns its `file:line`. The search begins after another text, e.g. the name of the option that
 * contains the first text.
 */
export type Locate = (text: string, after?: string) => string | undefined
