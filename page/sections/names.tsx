import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { bytes, count, ms, rate, share } from '../../core/report/figures.ts'
import { isAlerting } from './alerts.ts'
import { sparkOf } from '../charts/columns.ts'
import { Spark } from '../charts/spark.tsx'
import { RequestName, Section } from '../figure.tsx'
import type { RunModel } from '../model/model.ts'
import type { Span } from '../model/span.ts'
import { type Figures, type Group as RowGroup, groupedBy, hasSeries } from '../model/statistics.ts'
import { type Column, Table, sorted } from '../table.tsx'
import { type Group, type View, groups } from '../view.ts'

export interface NamesProps {
  model: RunModel
  span: Span | null
  figures: Figures[]
  view: View
  change: (view: Partial<View>) => void
}

const groupNames: Record<Group, string> = { none: 'not grouped', task: 'by task', class: 'by class', tag: 'by tag' }

/** Shows the table with one row for each request name. */
export function Names({ model, span, figures, view, change }: NamesProps): JSX.Element {
  const [total, ...rows] = figures as [Figures, ...Figures[]]
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const kept = rows.filter((row) => matches(row, view.filter))
  const grouped = view.group === 'none' ? [] : groupedBy(model, span, kept, keysOf[view.group])
  const toggle = (key: string): void =>
    setFolded(new Set(folded.has(key) ? [...folded].filter((one) => one !== key) : [...folded, key]))
  const columns = columnsOf({ model, span, folded, toggle, open: (name) => change({ open: name }) })
  const props = { columns, sort: view.sort, onSort: (sort: View['sort']) => change({ sort }), keyOf: keyOfRow }
  return (
    <Section id="requests" title="Requests">
      <Tools view={view} change={change} shown={kept.length} of={rows.length} />
      {grouped.length === 0 && (
        <Table {...props} caption="Requests by name" rows={kept} total={total} rowClass={rowClass(view)} />
      )}
      {grouped.length > 0 && (
        <Table
          {...props}
          caption={`Requests ${groupNames[view.group]}`}
          rows={inOrder(grouped, columns, { sort: view.sort, folded })}
          total={total}
          ordered
          rowClass={(row) => (row.index === -2 ? 'group' : rowClass(view)(row))}
        />
      )}
    </Section>
  )
}

interface ToolsProps {
  view: View
  change: (view: Partial<View>) => void
  shown: number
  of: number
}

function Tools({ view, change, shown, of }: ToolsProps): JSX.Element {
  const groupBy = (name: string): void => change({ group: groups.find((group) => group === name) ?? 'none' })
  return (
    <div class="tools">
      <label>
        filter{' '}
        <input
          type="search"
          value={view.filter}
          placeholder="name, method or tag"
          onInput={(event) => change({ filter: event.currentTarget.value })}
        />
      </label>
      <label>
        group{' '}
        <select value={view.group} onChange={(event) => groupBy(event.currentTarget.value)}>
          {groups.map((group) => (
            <option value={group}>{groupNames[group]}</option>
          ))}
        </select>
      </label>
      {shown < of && (
        <span class="hint">
          {shown} of {of} names
        </span>
      )}
    </div>
  )
}

const keysOf: Record<Exclude<Group, 'none'>, (row: Figures) => string[]> = {
  task: ({ tasks }) => orNone(tasks.map((task) => task.replace('\t', ' · '))),
  class: ({ tasks }) => orNone([...new Set(tasks.map((task) => task.split('\t')[0] ?? task))]),
  tag: ({ tags }) => orNone(tags),
}

function orNone(keys: readonly string[]): string[] {
  return keys.length === 0 ? ['none'] : [...keys]
}

function rowClass({ open }: View): (row: Figures) => string | undefined {
  return (row) => (keyOfRow(row) === open ? 'open' : undefined)
}

function keyOfRow({ method, name }: Figures): string {
  return `${method} ${name}`
}

/** Returns true if every word of the filter occurs in the method, the name or a tag. */
function matches({ method, name, tags }: Figures, filter: string): boolean {
  const text = [method, name, ...tags].join(' ').toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Returns the rows of the table: for each group, the row with its sums and then its sorted names. The names of a folded group are left out. */
function inOrder(
  groups: readonly RowGroup[],
  columns: readonly Column<Figures>[],
  { sort, folded }: { sort: View['sort']; folded: ReadonlySet<string> },
): Figures[] {
  const sums = sorted(
    groups.map(({ sum }) => sum),
    columns,
    sort,
  )
  return sums.flatMap((sum) => {
    const rows = groups.find((group) => group.sum === sum)?.rows ?? []
    return folded.has(sum.name) ? [sum] : [sum, ...sorted(rows, columns, sort)]
  })
}

interface NameActions {
  model: RunModel
  span: Span | null
  folded: ReadonlySet<string>
  toggle: (group: string) => void
  open: (name: string) => void
}

function columnsOf(actions: NameActions): Column<Figures>[] {
  const { model, span } = actions
  const alert = (row: Figures): boolean =>
    isAlerting(model.report, row.index < 0 ? { ...row, method: '', name: '' } : row, span !== null || row.index === -2)
  return [
    { key: 'name', title: 'Name', text: keyOfRow, cell: (row) => <NameCell row={row} {...actions} /> },
    { key: 'requests', title: 'Requests', number: (row) => count(row.requests) },
    { key: 'share', title: 'Share', hint: 'of all requests', number: (row) => share(row.share) },
    { key: 'rps', title: 'per s', number: (row) => rate(row.rps) },
    { key: 'failures', title: 'Failed', number: (row) => ({ ...count(row.failures), alert: alert(row) }) },
    {
      key: 'failureShare',
      title: 'Failed, %',
      number: (row) => ({ ...share(row.failureShare), alert: alert(row) }),
    },
    { key: 'p50', title: 'p50', number: (row) => ms(row.p50) },
    { key: 'p95', title: 'p95', number: (row) => ms(row.p95) },
    { key: 'p99', title: 'p99', number: (row) => ms(row.p99) },
    { key: 'max', title: 'Max', number: (row) => ms(row.max) },
    {
      key: 'intent',
      title: 'p99 from intent',
      hint: 'from the time at which the user was due to send',
      number: (row) => ms(row.intentP99),
    },
    { key: 'bytesIn', title: 'Received', number: (row) => bytes(row.bytesIn) },
    { key: 'spark', title: 'p95 over time', cell: ({ index }) => <SparkOf model={model} index={index} /> },
  ]
}

/** Shows the p95 of a name over time. The values are cached, because their computation reads every bucket of the run. */
function SparkOf({ model, index }: { model: RunModel; index: number }): JSX.Element | null {
  const { series, buckets } = model
  const values = useMemo(() => {
    const own = index === -1 ? series.all : series.names[index]
    return own && sparkOf(own, buckets)
  }, [model, index])
  return values ? <Spark values={values} /> : null
}

function NameCell({ row, model, folded, toggle, open }: NameActions & { row: Figures }): JSX.Element {
  if (row.index === -1) return <>All requests</>
  if (row.index < 0) {
    return (
      <button type="button" class="fold" aria-expanded={!folded.has(row.name)} onClick={() => toggle(row.name)}>
        <span aria-hidden="true">{folded.has(row.name) ? '▸' : '▾'}</span> <bdi>{row.name}</bdi>
      </button>
    )
  }
  const name = <RequestName method={row.method} name={row.name} />
  if (!hasSeries(model, row.index)) return name
  return (
    <button type="button" class="link" onClick={() => open(keyOfRow(row))}>
      {name}
    </button>
  )
}
