/**
 * `file:line` of a text in the user's sources. The search begins after another text, e.g. the name of the option that contains the first
 * text.
 */
export type Locate = (text: string, after?: string) => string | undefined
