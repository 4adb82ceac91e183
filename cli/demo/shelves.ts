import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** The products and pages of the demo shop. They depend only on the seed, so two shops with the same seed have the same products and pages. */
export interface Shelves {
  home: Page
  category(name: string): Page | undefined
  product(id: number): Product | undefined
  search(text: string): Product[]
}

/** The bytes of a page, uncompressed and compressed. Both are computed once. */
export interface Page {
  plain: Buffer
  gzip: Buffer
}

export interface Product {
  id: string
  name: string
  /** The price in cents. */
  price: number
  /** The token that a request must contain to add this product to the cart. */
  csrf: string
}

const categories = ['shoes', 'hats', 'coats', 'bags']
const colours = ['black', 'red', 'green', 'blue', 'grey', 'white', 'yellow']
const productCount = 5000

export function makeShelves(seed: number): Shelves {
  const product = (id: number): Product | undefined => {
    if (!Number.isInteger(id) || id < 1 || id > productCount) return undefined
    const name = `${colours[id % colours.length]} ${categories[id % categories.length]} no. ${id}`
    return { id: String(id), name, price: 500 + ((id * 7919) % 20_000), csrf: digest(`${seed} csrf ${id}`) }
  }
  const firstOf = (wanted: (product: Product) => boolean, most: number): Product[] => {
    const found: Product[] = []
    for (let id = 1; id <= productCount && found.length < most; id++) {
      const one = product(id)
      if (one && wanted(one)) found.push(one)
    }
    return found
  }
  const pages = new Map(
    categories.map((kind) => [
      kind,
      makePage(
        kind,
        firstOf((one) => one.name.includes(kind), 40),
      ),
    ]),
  )
  return {
    home: makePage(
      'the demo shop',
      firstOf(() => true, 24),
    ),
    category: (name) => pages.get(name),
    product,
    search: (text) => firstOf((one) => one.name.includes(text.toLowerCase()), 10),
  }
}

/** Returns a hash of the text: 32 hexadecimal digits. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function makePage(title: string, products: readonly Product[]): Page {
  const links = categories.map((name) => `<a href="/category/${name}">${name}</a>`).join(' ')
  const items = products.map(
    (one) => `<li><a href="/product/${one.id}">${one.name}</a> ${(one.price / 100).toFixed(2)}</li>`,
  )
  return pageOf(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body><h1>${title}</h1><nav>${links}</nav><ul>
${items.join('\n')}
</ul></body></html>
`)
}

export function pageOf(html: string): Page {
  const plain = Buffer.from(html)
  return { plain, gzip: gzipSync(plain) }
}
