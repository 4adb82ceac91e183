/**
 * Finds a string in the user's sources and returns its `file:line`. The search begins after another string, e.g. the name of the option whose value
 * is the first string.
 */
export type Locate = (text: string, after?: string) => string | undefined
