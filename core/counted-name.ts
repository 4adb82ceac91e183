const longestName = 300

/**
 * Shortens a name in the statistics to 300 characters and an ellipsis, and replaces lone surrogates. UTF-8 cannot encode lone surrogates, so two
 * names that differ only in such characters would become equal in a file. The caller must mask the secrets in the name before it calls this function.
 */
export function capName(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName).toWellFormed()}…` : name.toWellFormed()
}

/**
 * Returns whether a threshold with the name `wanted` applies to the counted name `name`. In a threshold, a name cannot begin or end with blanks, so
 * blanks at the beginning and the end of `name` are ignored. Replaces lone surrogates in `wanted`, as `capName` does in the counted name. If the
 * counted name was shortened, checks only whether `wanted` begins with the shortened name without its ellipsis.
 */
export function isNamed(wanted: string, name: string): boolean {
  if (wanted === name) return true
  const text = wanted.toWellFormed()
  return text === name.trim() || (isShortened(name) && text.startsWith(beginningOf(name)))
}

function isShortened(name: string): boolean {
  return name.length > longestName && name.endsWith('…')
}

/**
 * Returns a shortened name without the ellipsis. If the name was cut within a surrogate pair, also removes the U+FFFD that replaced the first half of
 * the pair.
 */
function beginningOf(name: string): string {
  return name.slice(0, -1).replace(/\uFFFD$/, '')
}
