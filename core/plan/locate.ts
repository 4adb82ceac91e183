/**
 * Finds a string in the user's sources and returns its `file:line`. If `after` is given, the search begins after the string `after`. Example: to find
 * the value of an option, `after` is the name of the option.
 */
export type Locate = (text: string, after?: string) => string | undefined
