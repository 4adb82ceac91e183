import type { PartValue } from '../../../../../core/authoring/requests/bodies.ts'
import type {
  FormValues,
  HeaderValue,
  HtmlForm,
  Pending,
  RequestOptions,
  SubmitOptions,
} from '../../../../../core/authoring/requests/http.ts'
import { inWords, isRecord } from '../../../../../core/values-in-words.ts'
import { headerPairs, mergedHeaders } from '../sending/headers.ts'
import { kindInWords, plainText } from '../sending/plain-pairs.ts'
import { type Field, controlsOf, fieldsOf, firstButton, submits } from './fields.ts'
import { type Node, wordOf } from './node.ts'

/** The client with which a page sends its requests. */
export interface PageRequests {
  /** Sends a request to an absolute URL. */
  send(method: string, url: URL, options: RequestOptions): Pending
  /** Returns whether the page at `from` may send requests to the URL `to`. The rules for redirects apply (see `Redirects`). */
  mayGo(from: string, to: URL): boolean
}

/** The page that contains a form. */
export interface FormPage {
  root: Node
  url: string
  /** The base URL for the page's relative URLs. */
  base: string
  requests: PageRequests
}

const enctypes = new Set(['multipart/form-data', 'text/plain'])

/** A form of a page. The URL and the method are determined only when the form is sent, because they may depend on the pressed button. */
export class PageForm implements HtmlForm {
  readonly #form: Node
  readonly #page: FormPage

  constructor(form: Node, page: FormPage) {
    this.#form = form
    this.#page = page
  }

  get method(): 'GET' | 'POST' {
    return this.#methodWith(firstButton(this.#form, this.#page.root))
  }

  get action(): string {
    return this.#actionWith(firstButton(this.#form, this.#page.root)).href
  }

  get fields(): [string, string][] {
    const button = firstButton(this.#form, this.#page.root)
    return fieldsOf(this.#form, this.#page.root, button).flatMap(({ name, value, sent }) =>
      sent ? [[name, value]] : [],
    )
  }

  submit(values: FormValues = {}, { button, ...options }: SubmitOptions = {}): Pending {
    checkValues(values)
    const { root, requests } = this.#page
    const pressed = button === undefined ? firstButton(this.#form, root) : this.#button(button)
    const url = this.#checkedAction(pressed)
    const entries = filledIn(fieldsOf(this.#form, root, pressed), values)
    const method = this.#methodWith(pressed)
    const given = { ...options, headers: this.#headers(method, url, options) }
    if (method === 'POST') return requests.send('POST', url, { ...given, ...this.#bodyOf(entries, pressed) })
    url.search = new URLSearchParams(textsOf(entries)).toString()
    return requests.send('GET', url, given)
  }

  #headers(method: string, url: URL, { headers = {} }: SubmitOptions): [string, HeaderValue][] {
    const { url: from } = this.#page
    const own: [string, HeaderValue][] = [['referer', refererOf(from, url)]]
    if (method === 'POST') own.push(['origin', new URL(from).origin])
    return mergedHeaders(own, headerPairs(headers))
  }

  #checkedAction(button: Node | null): URL {
    const { requests, url: from } = this.#page
    const url = this.#actionWith(button)
    if (requests.mayGo(from, url)) return url
    throw new Error(
      `the form is sent to ${url.host}, which the scenario does not name: add the host to 'allow' of the scenario`,
    )
  }

  #button(selector: string): Node {
    const controls = new Set(controlsOf(this.#form, this.#page.root))
    const found = this.#page.root.querySelectorAll(selector).find((node) => controls.has(node) && submits(node))
    if (found) return found
    throw new Error(`the form has no button ${inWords(selector)}`)
  }

  #methodWith(button: Node | null): 'GET' | 'POST' {
    const method = (button && wordOf(button, 'formmethod')) || wordOf(this.#form, 'method')
    if (method === 'dialog') throw new Error('the form closes a dialog and is not sent')
    return method === 'post' ? 'POST' : 'GET'
  }

  #actionWith(button: Node | null): URL {
    const { base, url: page } = this.#page
    const action = attributeOf(button, 'formaction') || attributeOf(this.#form, 'action')
    const url = URL.parse(action === '' ? page : action, base)
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new Error(`the action of the form is ${inWords(action)}, which is not an http or https URL`)
    }
    url.hash = ''
    return url
  }

  #bodyOf(entries: readonly Entry[], button: Node | null): RequestOptions {
    const type = (button && wordOf(button, 'formenctype')) || wordOf(this.#form, 'enctype')
    if (!enctypes.has(type)) return { form: textsOf(entries) }
    if (type === 'multipart/form-data') return { multipart: entries.map(partOf) }
    const lines = textsOf(entries).map(([name, value]) => `${name}=${value}\r\n`)
    return { body: new Blob([lines.join('')], { type: 'text/plain' }) }
  }
}

/** The name and the value of a field. The value of a file field without a file is null. */
type Entry = [name: string, value: PartValue]

function attributeOf(node: Node | null, name: string): string {
  return node?.getAttribute(name)?.trim() ?? ''
}

function checkValues(values: unknown): void {
  if (isRecord(values)) return
  throw new TypeError(`submit() was given ${inWords(values)}; it takes the values of fields by name`)
}

/**
 * Returns the entries that are sent. First come the fields of the form, with the values that the scenario sets. Then come the values of the scenario
 * that do not belong to a field of the form.
 */
function filledIn(fields: readonly Field[], values: FormValues): Entry[] {
  const left = new Map(Object.entries(values))
  const entries = fields.flatMap((field) => entriesOf(field, values, left))
  return [...entries, ...[...left].flatMap(([name, value]) => listOf(name, value))]
}

/**
 * Returns the entries of a field.
 * @param left the values that no field has used yet. If several fields have the same name, the first field uses all values of this name. Exception:
 * `true` or `false` applies to every checkbox of this name.
 */
function entriesOf(field: Field, values: FormValues, left: Map<string, PartValue>): Entry[] {
  const { name } = field
  if (!Object.hasOwn(values, name)) return field.sent ? [[name, field.kind === 'file' ? null : field.value]] : []
  const value = values[name]
  const isNew = left.delete(name)
  if (field.check !== null && typeof value === 'boolean') return checkedBy(field, value)
  return isNew ? listOf(name, value) : []
}

/**
 * Returns the entries of a checkbox that the scenario checks or unchecks.
 * @throws TypeError for a radio button, because `true` does not say which button of its group is checked
 */
function checkedBy({ name, value, check }: Field, isChecked: boolean): Entry[] {
  if (check === 'box') return isChecked ? [[name, value]] : []
  throw new TypeError(
    `the field ${inWords(name)} is ${isChecked}, but the field is a group of radio buttons: give the value of one button`,
  )
}

function listOf(name: string, value: PartValue): Entry[] {
  const items = Array.isArray(value) ? (value as readonly PartValue[]) : [value]
  return items.filter((one) => one !== undefined && one !== null).map((one) => [name, one])
}

/**
 * Returns the entries as strings with CRLF line breaks. For a file field without a file, the string is empty.
 * @throws TypeError for an invalid date, and for a file, because only forms with the type `multipart/form-data` send files
 */
function textsOf(entries: readonly Entry[]): [string, string][] {
  return entries.map(([name, value]) => {
    const text = value === null ? '' : plainText(value)
    if (text !== undefined) return [name, text.replaceAll(/\r\n|\r|\n/g, '\r\n')]
    if (value instanceof Date)
      throw new TypeError(`the field ${inWords(name)} is ${kindInWords(value)}: give a string or a number`)
    throw new TypeError(
      `the field ${inWords(name)} is ${inWords(value)}, but only forms with enctype="multipart/form-data" send files`,
    )
  })
}

function partOf([name, value]: Entry): [string, PartValue] {
  // Like browsers, sends an empty file without a name if the scenario does not set a file.
  return [name, value === null ? { content: new Uint8Array(), filename: '', type: 'application/octet-stream' } : value]
}

/** Returns the `Referer` header of a request from a page. As in browsers, a request to another origin contains only the origin of the page. */
export function refererOf(from: string, to: URL): string {
  const page = new URL(from)
  return page.origin === to.origin ? page.origin + page.pathname + page.search : `${page.origin}/`
}
