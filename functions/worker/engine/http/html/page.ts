import type { HtmlElement, HtmlPage, Response } from '../../../../../core/authoring/requests/http.ts'
import { refuseUnknown } from '../../../../../core/values-in-words.ts'
import { few } from '../../../../../core/words.ts'
import { type PageRequests, PageForm, refererOf } from './form.ts'
import { type Node, has, wordOf } from './node.ts'

/** The maximum number of resources that are fetched for one page. */
const resourceCap = 200
/** The elements whose resources a browser fetches, and the attribute that contains the URL of the resource. */
const sources = [
  ['img', 'src'],
  ['script', 'src'],
  ['link', 'href'],
  ['iframe', 'src'],
  ['source', 'src'],
  ['video', 'src'],
  ['video', 'poster'],
  ['audio', 'src'],
  ['embed', 'src'],
  ['object', 'data'],
  ['input[type="image"]', 'src'],
] as const
const fetchedLinks = /(?:^|\s)(?:stylesheet|icon|preload|modulepreload|manifest|apple-touch-icon)(?:\s|$)/

/** A parsed page, with methods for the requests that a browser would send from it. */
export class Page implements HtmlPage {
  readonly url: string
  readonly #root: Node
  readonly #base: string
  readonly #requests: PageRequests

  constructor(root: Node, url: string, requests: PageRequests) {
    this.#root = root
    this.url = url
    this.#requests = requests
    const base = root.querySelector('base[href]')?.getAttribute('href') ?? ''
    this.#base = URL.parse(base, url)?.href ?? url
  }

  querySelector(selector: string): HtmlElement | null {
    return this.#root.querySelector(selector)
  }

  querySelectorAll(selector: string): HtmlElement[] {
    return this.#root.querySelectorAll(selector)
  }

  form(selector = 'form'): PageForm {
    const form = this.#root.querySelectorAll(selector).find((node) => node.tagName === 'FORM')
    if (!form)
      throw new Error(`the page ${new URL(this.url).pathname} has no form '${selector}': ${this.#formsInWords()}`)
    return new PageForm(form, { root: this.#root, url: this.url, base: this.#base, requests: this.#requests })
  }

  async resources(options: { name?: string } = {}): Promise<Response[]> {
    refuseUnknown(options, ['name'], 'the argument of resources()')
    const wanted = this.#wanted().slice(0, resourceCap)
    return Promise.all(
      wanted.map((url) =>
        this.#requests.send('GET', url, { ...options, headers: { referer: refererOf(this.url, url) } }),
      ),
    )
  }

  /** Returns the URLs of the page's resources, without duplicates. Leaves out the URLs to which the page may not send requests. */
  #wanted(): URL[] {
    const wanted = new Map<string, URL>()
    for (const [selector, attribute] of sources) {
      for (const node of this.#root.querySelectorAll(`${selector}[${attribute}]`)) {
        const url = isFetched(node) ? this.#resource(node.getAttribute(attribute)) : undefined
        if (url) wanted.set(url.href, url)
      }
    }
    return [...wanted.values()]
  }

  #resource(given: string | undefined): URL | undefined {
    const text = given?.trim() ?? ''
    const url = text === '' ? null : URL.parse(text, this.#base)
    if (!url || !/^https?:$/.test(url.protocol) || !this.#requests.mayGo(this.url, url)) return undefined
    url.hash = ''
    return url
  }

  #formsInWords(): string {
    const forms = this.#root.querySelectorAll('form').map((form) => {
      const id = form.getAttribute('id')
      return id === undefined ? `form[action="${form.getAttribute('action') ?? ''}"]` : `#${id}`
    })
    return forms.length === 0 ? 'it has no forms' : `its forms are ${few(forms)}`
  }
}

function isFetched(node: Node): boolean {
  return node.tagName !== 'LINK' || (fetchedLinks.test(wordOf(node, 'rel')) && !has(node, 'disabled'))
}
