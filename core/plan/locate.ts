/** `file:line` where a text stands in the user's sources, first looked for after another text, e.g. the name of the option that it is in. */
export type Locate = (text: string, after?: string) => string | undefined
