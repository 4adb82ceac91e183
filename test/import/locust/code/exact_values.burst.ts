import { HttpUser, scenario, task } from 'burst'

/** Returns a number, like float() in Python. Throws if a text is not a decimal number. */
function decimalNumber(value: any): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  const text = String(value).trim()
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new Error(`${text} is not a decimal number`)
  return Number(text)
}

/** Sorts a list in place. Compares numbers as numbers, and lists by their items. */
function sortInPlace(items: any[]): void {
  const compare = (a: any, b: any): number => {
    if (!Array.isArray(a)) return a < b ? -1 : Number(a > b)
    const order = a.map((one, index) => (index < b.length ? compare(one, b[index]) : 1)).find((found) => found !== 0)
    return order ?? a.length - b.length
  }
  items.sort(compare)
}

/** Returns a whole number, like int() in Python. Throws if a text is not a whole number, or has too many digits for JavaScript. */
function wholeNumber(value: any, base = 10): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Math.trunc(Number(value))
  const trimmed = String(value).trim()
  const text = trimmed.replaceAll(/(?<=[\da-z])_(?=[\da-z])/gi, '')
  const digits = base > 10 ? `0-9a-${String.fromCharCode(86 + base)}` : `0-${base - 1}`
  const isWhole = new RegExp(`^[+-]?${base === 16 ? '(0x)?' : ''}[${digits}]+$`, 'i').test(text)
  const number = isWhole ? Number.parseInt(text, base) : Number.NaN
  if (!Number.isSafeInteger(number)) throw new Error(`${text} is not a whole number of at most 16 digits`)
  return number
}

class Visitor extends HttpUser {
  @task
  async visit() {
    const body = await this.http.get('/values').json()
    const names = body.names
    sortInPlace(names)
    const numbers = [10, 9, 1]
    numbers.sort((a, b) => a - b)
    const count = wholeNumber(body.count) + wholeNumber('10', 2)
    const price = decimalNumber(body.price)
    const code = body.id.replaceAll(/(\w+)-(\d+)/g, '$02_$01')
    const sizes = [...body.sizes.map((one: any) => wholeNumber(one))]
    await this.http.get('/items/:count/:code', {
      params: { count: count.toString(16).toUpperCase(), code },
      query: {
        first: names[0],
        number: `${String(numbers[0]).padStart(5, '0')}`,
        price: `${price.toFixed(2).replaceAll(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',')}`,
        size: sizes[0],
        name: `${String(names[0]).padStart(10)}`,
      },
    })
    if (/^(?:a|b)/.exec(body.id)) await this.http.get('/matched')
    if ((body.count === body.price) === body.same) await this.http.get('/same')
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Visitor],
})
