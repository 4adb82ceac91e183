import { type ExecFileException, execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { emptyFolder } from '../cli/command-line.ts'
import { startCountingTarget } from '../targets/counting-target.ts'
import { page, root } from './code-blocks.ts'

interface Job {
  env?: Record<string, string>
  variables?: Record<string, string>
  steps?: { run?: string; uses?: string }[]
  script?: string[]
  artifacts?: { reports: { junit: string } }
}

const github = parse(page('docs/ci/github-actions.yml'), { strict: true }) as { jobs: Record<string, Job> }
const gitlab = parse(page('docs/ci/gitlab-ci.yml'), { strict: true }) as Record<string, Job>
const jobs = [...Object.values(github.jobs), ...Object.values(gitlab)]
const lines = jobs.flatMap(scriptsOf).flatMap((script) => script.split('\n'))

test('the commands of both CI files run in the shells of GitHub and GitLab, and if a run fails, its result files are written before the job fails', async () => {
  const target = await startCountingTarget()
  const folder = await ciProject(target.origin)
  const [githubJob, gitlabJob] = jobs
  expect(Object.keys(githubJob?.env ?? {})).toEqual(Object.keys(gitlabJob?.variables ?? {}))
  const inputs = { HOST: target.origin, USERS: '2', RUN_TIME: '1s', CI: 'true', GITHUB_STEP_SUMMARY: join(folder, 'step.md') }
  // GitHub starts a shell for each step; GitLab starts a single shell for all lines.
  for (const script of scriptsOf(githubJob))
    expect(await inShell(script, folder, inputs)).toMatchObject({ code: 0 })
  const summary = await readFile(join(folder, 'load-report/report.md'), 'utf8')
  expect((await readFile(inputs.GITHUB_STEP_SUMMARY, 'utf8')).trim()).toBe(summary.trim())
  // With this host, the target answers every request with status 500, so the threshold fails.
  const bad = { ...inputs, HOST: `${target.origin}/status/500` }
  const failed = await inShell(scriptsOf(gitlabJob).join('\n'), folder, bad)
  expect(failed.code).toBe(99)
  expect(await readFile(join(folder, 'load-report/junit.xml'), 'utf8')).toContain('<failure')
  const printed = await inShell('npx burst run load/shop.burst.ts --local -t 1s --out mine --summary markdown', folder, inputs)
  expect(printed.stdout).toBe(await readFile(join(folder, 'mine/report.md'), 'utf8'))
  expect(printed.stderr).toContain('GET /page')
  await target.close()
})

/** Returns the scripts of a job: one for each step of GitHub, and one for each line of GitLab. */
function scriptsOf({ steps = [], script = [] }: Job = {}): string[] {
  return [...steps.flatMap(({ run }) => run ?? []), ...script]
}

/**
 * Creates a project as the CI files expect it: the scenario is in `load/`, and burst is among the dependencies. In this project, `npm ci` has no
 * effect.
 */
async function ciProject(host: string): Promise<string> {
  const folder = await emptyFolder()
  await mkdir(join(folder, 'load'))
  await mkdir(join(folder, 'bin'))
  const scenario = `import { HttpUser, constant, scenario, task } from 'burst'
class U extends HttpUser {
  wait = constant('50ms')
  @task async page() { await this.http.get('/page') }
}
export default scenario({ host: '${host}', users: [U], thresholds: ['errors < 1%'] })`
  await writeFile(join(folder, 'load/shop.burst.ts'), scenario)
  await writeFile(join(folder, 'bin/npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${root}cli/burst.ts" "$@"\n`)
  await writeFile(join(folder, 'bin/npm'), '#!/bin/sh\n[ "$*" = ci ]\n')
  for (const name of ['npx', 'npm']) await chmod(join(folder, 'bin', name), 0o755)
  return folder
}

/** Runs a script with bash and the bash options of GitHub's runner. */
async function inShell(script: string, cwd: string, env: Record<string, string>) {
  const all = { ...process.env, ...env, PATH: `${join(cwd, 'bin')}:${process.env['PATH']}`, NO_COLOR: '1' }
  const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script]
  try {
    return { code: 0, ...(await promisify(execFile)('bash', args, { cwd, env: all })) }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as ExecFileException
    return { code, stdout, stderr }
  }
}

test('the CI files keep the result files of a run, even if the run failed', () => {
  const outputs = lines.flatMap((line) => / --out (\S+)/.exec(line)?.[1] ?? [])
  expect(outputs).toEqual(['load-report', 'load-report'])
  expect(page('docs/ci/github-actions.yml')).toMatch(/if: always\(\)\n +uses: actions\/upload-artifact@v\d+\n.*path: load-report/)
  expect(gitlab['load-test']?.artifacts?.reports.junit).toBe('load-report/junit.xml')
})

test('a GitHub workflow passes its inputs to the shell only in variables', () => {
  for (const job of jobs) expect(scriptsOf(job).length).toBeGreaterThan(1)
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
