/**
 * Finds a string in the user's sources and returns its `file:line`. If `after` is given, the search begins after the string `after`. For example, a
 * caller that searches for the value of an option passes the name of the option as `after`.
 */
export type Locate = (text: string, after?: string) => string | undefined
