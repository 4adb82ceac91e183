/** The maximum number of characters of a counted name. A longer name is counted under its beginning, with an ellipsis at the end. */
export const longestName = 300

/**
 * Returns whether a threshold that contains `wanted` is about the counted name `name`. A threshold cannot contain the blanks around a name, so these
 * blanks are ignored. Like the counted name, `wanted` is compared without lone surrogates, and only up to the length of a shortened name.
 */
export function isNamed(wanted: string, name: string): boolean {
  if (wanted === name) return true
  const text = wanted.toWellFormed()
  return text === name.trim() || (isShortened(name) && text.startsWith(name.slice(0, -1)))
}

function isShortened(name: string): boolean {
  return name.length > longestName && name.endsWith('…')
}
