import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { spelledOut } from '../../cli/flags/arguments.ts'
import * as api from '../../index.ts'
import { exitCodes } from '../../core/errors.ts'
import { parseThreshold } from '../../core/thresholds/threshold.ts'
import { codeBlocks, page, root } from './code-blocks.ts'

const scenarios = page('docs/scenarios.md')
const commands = globSync('{cli/commands/**,cli/flags}/*.ts', { cwd: root }).map(page).join('')

test('docs/scenarios.md names every export of burst', () => {
  expect(Object.keys(api).filter((name) => !scenarios.includes(name))).toEqual([])
})

test.each([
  ['core/authoring/definition.ts', 'ScenarioOptions'],
  ['core/authoring/definition.ts', 'AbortOn'],
  ['core/authoring/definition.ts', 'RunContext'],
  ['core/authoring/definition.ts', 'FinishedRequest'],
  ['core/authoring/requests/http.ts', 'RequestOptions'],
  ['core/authoring/requests/http.ts', 'Response'],
  ['core/authoring/requests/http.ts', 'Expectation'],
  ['core/authoring/requests/http.ts', 'Pending'],
  ['core/authoring/requests/http.ts', 'Http'],
  ['core/authoring/feed.ts', 'UniqueOptions'],
  ['core/authoring/feed.ts', 'Rows'],
  ['core/authoring/wait.ts', 'PacingOptions'],
  ['core/authoring/runtime.ts', 'RecordedSample'],
  ['core/authoring/load-stages.ts', 'ArrivalOptions'],
  ['core/random.ts', 'Random'],
])('docs/scenarios.md names every member of %s: %s', (file, name) => {
  const members = membersOf(page(file), name)
  expect(members.length).toBeGreaterThan(0)
  expect(members.filter((member) => !coded(scenarios, member))).toEqual([])
})

test('docs/report.md names every field of report.json', () => {
  const schema = JSON.parse(page('core/report/report.schema.json'))
  const report = page('docs/report.md')
  const fields = [...new Set(propertiesOf(schema))]
  expect(fields.length).toBeGreaterThan(80)
  expect(fields.filter((field) => !coded(report, field))).toEqual([])
})

test('every command-line option in the documentation exists', () => {
  const others = page('docs/from-locust.md') + page('docs/from-k6.md')
  const rows = others.split('\n').map((row) => row.split('|').slice(2).join('|'))
  const own = [...rows, scenarios, page('docs/report.md')].join('\n')
  expect(flagsIn(own).length).toBeGreaterThan(10)
  expect(flagsIn(own).filter((flag) => !isOption(flag))).toEqual([])
})

test('every threshold in docs/from-k6.md is valid in burst', () => {
  const [, section = ''] = page('docs/from-k6.md').split('\n## Thresholds\n')
  const rows = (section.split('\n## ')[0] ?? '').split('\n').map((row) => row.split('|')[2] ?? '')
  const thresholds = rows.flatMap((cell) => [...cell.matchAll(/`'([^']+)'`/g)].map(([, text = '']) => text))
  expect(thresholds.length).toBeGreaterThan(6)
  expect(thresholds.map((text) => parseThreshold(text).expression)).toEqual(thresholds)
})

test('an option is found in every spelling that the command line accepts, and in no other spelling', () => {
  const text = 'Give `--run_time`, --spawnRate, `--vus=3`, `--duration` or `--users`, not `--spawn`, --runtimes, `--vu` or `--dry_run`.'
  expect(flagsIn(text).filter((flag) => !isOption(flag))).toEqual(['--spawn', '--runtimes', '--vu', '--dry_run'])
})

test('the README begins with two commands, and CI runs the second command unchanged', () => {
  const [first, second] = codeBlocks('README.md', 'sh')
  expect([first?.code, second?.code]).toEqual(['npm ci && npx burst demo\n', 'npm cit\n'])
  expect(page('.ci/run').split('\n').map((line) => line.trim())).toContain('npm cit')
})

test.each(['README.md', 'docs/scenarios.md'])('%s lists every exit code, and no other number', (name) => {
  const documented = [...page(name).matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
  expect(new Set(documented)).toEqual(new Set(Object.values(exitCodes)))
})

test('every file that CONTRIBUTING.md names exists', () => {
  const paths = page('CONTRIBUTING.md').match(/(?<=`)(?:core|functions|cli|test)\/[\w./-]+(?=`)/g) ?? []
  expect(paths.length).toBeGreaterThan(20)
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('docs/aws.md names every setting of burst.config.ts, and names only options that exist', () => {
  const aws = page('docs/aws.md')
  expect(flagsIn(aws).length).toBeGreaterThan(10)
  expect(flagsIn(aws).filter((flag) => !isOption(flag))).toEqual([])
  const settings = membersOf(page('core/config.ts'), 'BurstConfig')
  expect(settings.length).toBeGreaterThan(10)
  expect(settings.filter((setting) => !coded(aws, setting))).toEqual([])
})

test('docs/monitoring.md names every metric', () => {
  const monitoring = page('docs/monitoring.md')
  const metrics = [...new Set(page('core/report/metrics/families.ts').match(/\bburst_\w+/g))]
  expect(metrics.length).toBeGreaterThan(15)
  expect(metrics.filter((metric) => !coded(monitoring, metric))).toEqual([])
})

test('every link between pages or within a page has a target', () => {
  const pages = globSync(['*.md', 'docs/*.md', 'core/*.md', 'functions/*.md'], { cwd: root })
  let found = 0
  const dead = pages.flatMap((name) => {
    const anchors = new Set([...page(name).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => anchorOf(title)))
    const links = [...withoutCode(page(name)).matchAll(/\]\(([^)]+)\)/g)].map(([, to = '']) => to)
    found += links.length
    return links.filter((to) => (to.startsWith('#') ? !anchors.has(to.slice(1)) : !exists(name, to))).map((to) => `${name}: ${to}`)
  })
  expect(found).toBeGreaterThan(100)
  expect(dead).toEqual([])
})

/** Returns all long options in a string, each once. */
function flagsIn(text: string): string[] {
  return [...new Set(text.match(/(?<=[`\s|])--[A-Za-z][\w-]+/g))]
}

/** Returns true if a command declares the option, in this spelling or in its normalised spelling. */
function isOption(flag: string): boolean {
  const [, name = flag] = spelledOut(['run', flag])
  return new RegExp(`${name}[ ,']`).test(commands)
}

/** Returns the names of the members of an exported interface. A member is a line that is indented once and begins with a name. */
function membersOf(source: string, name: string): string[] {
  const body = source.split(new RegExp(`export interface ${name}\\b[^{]*\\{\n`))[1]?.split('\n}')[0] ?? ''
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, member = '']) => member)
}

/** Returns true if a word appears in the code of a page: between backticks or in a code block. */
function coded(text: string, word: string): boolean {
  const code = [...text.matchAll(/^```.*?^```$|`[^`\n]*`/gms)].map(([piece]) => piece).join('\n')
  return new RegExp(`\\b${word}\\b`).test(code)
}

function propertiesOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'properties' in schema ? Object.keys(schema.properties ?? {}) : []
  return [...own, ...Object.values(schema).flatMap(propertiesOf)]
}

/** Returns the anchor that GitHub creates for a heading. */
function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-')
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '')
}

function exists(from: string, to: string): boolean {
  return to.startsWith('https://') || existsSync(join(root, dirname(from), to.split('#')[0] ?? ''))
}

test('each row in the two tables of functions/README.md (crash points, missing counts) names an existing test', () => {
  const sections = page('functions/README.md').split(/^## /m)
  const tables = ['What may die', 'What may be missing'].flatMap((title) => {
    const section = sections.find((one) => one.startsWith(title))?.split('\n') ?? []
    expect(section.filter((line) => line.startsWith('| ')).length).toBeGreaterThan(5)
    return section
  })
  const rows = tables.filter((line, k) => line.startsWith('| ') && !tables[k + 1]?.startsWith('|---'))
  expect(rows.length).toBeGreaterThan(20)
  const tests = rows.map((row) => (row.split('|').at(-2) ?? '').trim().split('; '))
  const unproven = tests.flat().filter((test) => {
    const [, file = '', words = ''] = /^`([^`]+\.test\.ts)`: (.+)$/.exec(test) ?? []
    return file === '' || !existsSync(join(root, 'test', file)) || !page(`test/${file}`).includes(words)
  })
  expect(unproven).toEqual([])
})
