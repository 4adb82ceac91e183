import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleScenario } from '../../cli/bundle/bundle.ts'
import { planRun } from '../../core/plan/plan-run.ts'
import { type CodeBlock, codeBlocks, root } from './code-blocks.ts'

const blocks = ['README.md', ...globSync('docs/*.md', { cwd: root })].flatMap((name) => codeBlocks(name, 'ts'))
let folder = ''

beforeAll(() => {
  // The folder is inside the repository, so that Node finds the npm packages of the examples. Git ignores this folder.
  mkdirSync(join(root, 'burst-results'), { recursive: true })
  folder = mkdtempSync(join(root, 'burst-results/docs-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

test('every TypeScript block of the documentation compiles as a module with the settings of a new project', async () => {
  expect(blocks.length).toBeGreaterThan(10)
  expect(await compile(blocks)).toBe('')
})

test("a compiler error in a code block names the line of the documentation page", async () => {
  const code = "import { HttpUser } from 'burst'\nexport class User extends HttpUser {\n  wait = 7\n}\n"
  expect(await compile([{ document: 'docs/made-up.md', line: 41, code }])).toContain('made-up.md.41.ts(43,3): error TS2416')
})

test('every TypeScript block of the documentation is a scenario that burst can load and plan', async () => {
  writeFileSync(join(folder, 'accounts.csv'), 'email,password\na@example.com,secret\nb@example.com,secret\n')
  cpSync(join(root, 'scenarios/tls'), join(folder, 'tls'), { recursive: true })
  writeFileSync(join(folder, 'baskets.json'), '[{ "items": [1, 2] }]')
  writeFileSync(join(folder, 'avatar.png'), new Uint8Array([0x89, 0x50, 0x4e, 0x47]))
  for (const { document, line, code } of blocks) {
    const file = join(folder, `${document.replace(/\W/g, '-')}-${line}.burst.ts`)
    writeFileSync(file, code)
    const { description, hash, scenario } = await bundleScenario(file, { cwd: folder })
    const facts = { run: 'r', scenario, bundle: hash, build: 'b', createdAt: 0, seed: 's', cores: 1, backend, region: '' }
    const plan = planRun({ description, options: noOptions, facts })
    expect(plan.words.length, `${document}:${line}`).toBeGreaterThan(1)
  }
})

const backend = 'local' as const
const noOptions = { tags: [], excludeTags: [], vars: {}, failOnError: false }

/** Returns the messages of the compiler, with the line numbers of the page. */
async function compile(modules: readonly CodeBlock[]): Promise<string> {
  const files = modules.map(({ document, line, code }) => {
    const file = `${document.replace(/.*\//, '')}.${line}.ts`
    writeFileSync(join(folder, file), '\n'.repeat(line - 1) + code)
    return file
  })
  const compilerOptions = { paths: { burst: [join(root, 'index.ts')] } }
  const config = { extends: join(root, 'scenarios/tsconfig.json'), compilerOptions, include: [], files }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  // tsc prints its errors to stdout and exits with an error code.
  const tsc = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['--pretty', 'false', '-p', folder], { cwd: folder })
  const { stdout } = await tsc.catch((error: { stdout: string }) => error)
  return stdout
}
