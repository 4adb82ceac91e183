/**
 * Returns the number t such that a variable with Student's t distribution is between −t and t with probability `level` (at least 0, below 1). Uses
 * the closed form of the distribution for whole degrees of freedom: Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
 * @param freedom degrees of freedom; rounded down, and a value below 2 counts as 2
 */
export function studentBound(level: number, freedom: number): number {
  const degrees = Math.max(2, Math.floor(freedom))
  let [low, high] = [0, 1]
  while (withinProbability(high, degrees) < level && high < 1e6) high *= 2
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (withinProbability(middle, degrees) < level) low = middle
    else high = middle
  }
  return high
}

/** Returns the probability that a variable with Student's t distribution is between −t and t. */
function withinProbability(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees))
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
  const isOdd = degrees % 2 === 1
  let term = isOdd ? cosine : 1
  let sum = degrees === 1 ? 0 : term
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine
    sum += term
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum
}
