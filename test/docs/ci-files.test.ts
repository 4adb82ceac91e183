import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { burst, emptyFolder } from '../cli/command-line.ts'
import { page, root } from './code-blocks.ts'

interface Job {
  steps?: { run?: string; uses?: string }[]
  script?: string[]
  artifacts?: { reports: { junit: string } }
}

const github = parse(page('docs/ci/github-actions.yml'), { strict: true }) as { jobs: Record<string, Job> }
const gitlab = parse(page('docs/ci/gitlab-ci.yml'), { strict: true }) as Record<string, Job>
const jobs = [...Object.values(github.jobs), ...Object.values(gitlab)]
const lines = jobs.flatMap(({ steps = [], script = [] }) => [...steps.flatMap(({ run }) => run?.split('\n') ?? []), ...script])
const pages = ['ci', 'monitoring', 'recipes', 'troubleshooting', 'import']
const inPages = pages.map((name) => `docs/${name}.md`).flatMap((name) => page(name).match(/npx burst [^`\n]+/g) ?? [])

test('the CI files, and the pages about them, use only flags that the help of the command lists', async () => {
  const commands = [...lines, ...inPages].filter((line) => line.startsWith('npx burst ')).map((line) => line.split(' ').slice(2))
  expect(commands.length).toBeGreaterThan(6)
  const folder = await emptyFolder()
  const helps = new Map<string, string>()
  for (const name of new Set(commands.map(([command = '']) => command)))
    helps.set(name, (await burst([name, '--help'], folder)).stdout)
  for (const [name = '', ...words] of commands) {
    const flags = words.filter((word) => word.startsWith('-'))
    const unknown = flags.filter((flag) => !new RegExp(`(?<![\\w-])${flag}(?![\\w-])`).test(helps.get(name) ?? ''))
    expect({ command: [name, ...words].join(' '), unknown }).toEqual({ command: [name, ...words].join(' '), unknown: [] })
  }
})

test('the CI files keep the result files of a run, even if the run failed', () => {
  const outputs = lines.flatMap((line) => / --out (\S+)/.exec(line)?.[1] ?? [])
  expect(outputs).toEqual(['load-report', 'load-report'])
  expect(page('docs/ci/github-actions.yml')).toMatch(/if: always\(\)\n +uses: actions\/upload-artifact@v\d+\n.*path: load-report/)
  expect(gitlab['load-test']?.artifacts?.reports.junit).toBe('load-report/junit.xml')
})

test('a GitHub workflow passes its inputs to the shell only in variables', () => {
  expect(lines.filter((line) => line.includes('${{'))).toEqual([])
})

test('every metric in the dashboard and the alerts exists in burst', () => {
  const known = new Set(page('core/report/metrics/families.ts').match(/\bburst_\w+/g))
  const files = globSync('docs/monitoring/*', { cwd: root })
  expect(files).toHaveLength(2)
  const used = files.flatMap((name) => page(name).match(/\bburst_\w+/g) ?? [])
  expect(used.length).toBeGreaterThan(20)
  expect([...new Set(used)].filter((metric) => !known.has(metric.replace(/_bucket$/, '')))).toEqual([])
})
