import type { Span } from './model/span.ts'

/** The state of the view. The URL contains the whole state, so that a link shows the same view. */
export interface View {
  span: Span | null
  /** The request name whose details are open, as `METHOD name`. */
  open: string | null
  sort: { column: string; down: boolean }
  filter: string
  /** The grouping of the table of names. */
  group: Group
}

export const groups = ['none', 'task', 'class', 'tag'] as const
export type Group = (typeof groups)[number]

const firstView: View = {
  span: null,
  open: null,
  sort: { column: 'requests', down: true },
  filter: '',
  group: 'none',
}

/** Returns the fragment of the URL for the view, without `#`. Returns '' for the initial view. */
export function hashOf(view: View): string {
  const parts = new URLSearchParams()
  if (view.span) parts.set('span', `${view.span.from}-${view.span.to}`)
  if (view.open !== null) parts.set('name', view.open)
  const { column, down } = view.sort
  if (column !== firstView.sort.column || !down) parts.set('sort', `${down ? '-' : ''}${column}`)
  if (view.filter !== '') parts.set('filter', view.filter)
  if (view.group !== 'none') parts.set('group', view.group)
  return parts.toString()
}

/** Reads the view from a URL. If a part of the URL is missing or invalid, uses the value of the initial view. */
export function viewOf(hash: string): View {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  return {
    span: spanIn(parts.get('span') ?? ''),
    open: parts.get('name'),
    sort: sortIn(parts.get('sort') ?? ''),
    filter: (parts.get('filter') ?? '').slice(0, 200),
    group: groups.find((group) => group === parts.get('group')) ?? 'none',
  }
}

function spanIn(text: string): Span | null {
  const [from = 0, to = 0] = (/^(\d{1,6})-(\d{1,6})$/.exec(text)?.slice(1) ?? []).map(Number)
  return to > from ? { from, to } : null
}

function sortIn(text: string): View['sort'] {
  const [, minus, column] = /^(-?)([a-zA-Z0-9]{1,20})$/.exec(text) ?? []
  return column === undefined ? firstView.sort : { column, down: minus === '-' }
}
