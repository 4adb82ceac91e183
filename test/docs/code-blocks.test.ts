import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CodeBlock, codeBlocks, root } from './code-blocks.ts'

const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
let folder = ''

beforeAll(() => {
  // Below the repository, so that the npm packages of the examples are found; nothing there is ever committed.
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true })
  folder = mkdtempSync(join(root, 'node_modules/.cache/docs-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

test('every TypeScript block of the documentation is a module that compiles as a user would compile it', async () => {
  const blocks = documents.flatMap((name) => codeBlocks(`docs/${name}`, 'ts'))
  expect(blocks.length).toBeGreaterThan(10)
  expect(await compile(blocks)).toBe('')
})

test('a mistake in a block is found, and where it is', async () => {
  const code = "import { HttpUser } from 'burst'\nexport class User extends HttpUser {\n  wait = 7\n}\n"
  expect(await compile([{ document: 'docs/made-up.md', line: 41, code }])).toContain('made-up.md.41.ts(43,3): error TS2416')
})

/** What the compiler has to say; the lines it names are those of the page. */
async function compile(blocks: readonly CodeBlock[]): Promise<string> {
  const files = blocks.map(({ document, line, code }) => {
    const file = `${document.replace(/.*\//, '')}.${line}.ts`
    writeFileSync(join(folder, file), '\n'.repeat(line - 1) + code)
    return file
  })
  const compilerOptions = { paths: { burst: [join(root, 'index.ts')] } }
  const config = { extends: join(root, 'scenarios/tsconfig.json'), compilerOptions, include: [], files }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  // tsc prints its findings on stdout and ends with an error code.
  const tsc = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['--pretty', 'false', '-p', folder], { cwd: folder })
  const { stdout } = await tsc.catch((error: { stdout: string }) => error)
  return stdout
}
