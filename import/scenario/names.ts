/** Words that a module cannot use as names, and the names of globals that generated files use. */
const reserved = new Set(
  `abstract any arguments as async await boolean break case catch class const continue debugger default delete do else enum eval export
  extends false finally for from function get if implements import in instanceof interface let module new null number object of package
  private protected public return set static string super switch symbol this throw true try type typeof undefined unknown var void while
  with yield Array Blob Boolean Buffer Date Error FormData JSON Map Math NaN Infinity Number Object Promise RegExp Set String Symbol URL
  URLSearchParams btoa console crypto fetch file globalThis isNaN parseFloat parseInt performance process require constructor prototype
  __proto__ hasOwnProperty toString valueOf encodeURIComponent decodeURIComponent`.split(/\s+/),
)

/** Members of `HttpUser`. A method or a field with such a name would hide the member. */
export const membersOfUser: ReadonlySet<string> = new Set(
  'http random index data vars ws sleep step stop record wait tasks onStart onStop'.split(' '),
)

/** Member names that have a meaning in JavaScript itself. */
const ofObjects = new Set([
  'constructor',
  'prototype',
  'then',
  'toString',
  'valueOf',
  'toJSON',
  'hasOwnProperty',
  '__proto__',
  'isPrototypeOf',
])

/**
 * Returns the words of a string, limited to ASCII letters and digits, at most 8 words. `add_to_cart`, `AddToCart` and `add to cart` have the same
 * three words.
 */
function wordsIn(text: string): string[] {
  const plain = text.normalize('NFKD').slice(0, 400).replaceAll(/\p{M}/gu, '')
  return plain
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z\d]+/)
    .filter((word) => word !== '')
    .slice(0, 8)
}

/** `addToCart` */
export function camelCase(text: string, otherwise = 'value'): string {
  const [first, ...rest] = wordsIn(text)
  if (first === undefined) return otherwise
  return leading([first.toLowerCase(), ...rest.map(capital)].join(''), otherwise)
}

/** `AddToCart` */
export function pascalCase(text: string, otherwise = 'Visitor'): string {
  const words = wordsIn(text)
  return words.length === 0 ? otherwise : leading(words.map(capital).join(''), otherwise)
}

/** Types of burst. A user class of a generated file must not have one of these names, because the class would shadow the type. */
const ofBurst = new Set(['HttpUser', 'Http', 'Random', 'Response'])

/** Returns a valid name for a user class. Appends `Visitor` to a name that already has a meaning in a generated file, such as `Map` or `Response`. */
export function className(text: string): string {
  const name = pascalCase(text)
  // With `User` instead of `Visitor`, the name `http` would become `HttpUser`, and the class would extend itself.
  return reserved.has(name) || ofBurst.has(name) ? `${name}Visitor` : name
}

/** Returns a valid name for a value in a module. */
export function valueName(text: string, otherwise = 'value'): string {
  const name = camelCase(text, otherwise)
  return reserved.has(name) ? `${name}_` : name
}

/**
 * Returns a valid name for a member of a user. Appends `what` to a name that `HttpUser` or JavaScript itself already uses. A task with the name
 * `index` gets the name `home` instead.
 */
export function memberName(text: string, what = 'Task'): string {
  const name = camelCase(text, 'visit')
  if (name === 'index' && what === 'Task') return 'home'
  return membersOfUser.has(name) || ofObjects.has(name) ? `${name}${what}` : name
}

function capital(word: string): string {
  const tail = word.slice(1)
  return (word[0] ?? '').toUpperCase() + (tail === tail.toUpperCase() ? tail.toLowerCase() : tail)
}

function leading(name: string, otherwise: string): string {
  return /^\d/.test(name) ? `${otherwise}${capital(name)}` : name
}

/** Makes names unique: a repeated name gets a number. */
export class Names {
  readonly #taken: Set<string>

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken)
  }

  take(wanted: string): string {
    let name = wanted
    for (let count = 2; this.#taken.has(name); count++) name = `${wanted}${count}`
    this.#taken.add(name)
    return name
  }

  /** Returns a copy of the names. Names that are added to the copy are not added to the original. */
  copy(): Names {
    return new Names(this.#taken)
  }

  has(name: string): boolean {
    return this.#taken.has(name)
  }
}
