import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleScenario } from '../../../cli/bundle/bundle.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

const scenario = (imports: string, exported: string): string => `import { HttpUser, scenario, task } from 'burst'
${imports}
class U extends HttpUser { label = 'own'; @task async go() { await this.http.get('/') } }
export const found = ${exported}
export default scenario({ host: 'http://127.0.0.1:1', users: [U] })
`

/** Bundles and loads a scenario, and returns the value that the scenario exports as `found`. */
async function found(cwd: string, file: string): Promise<{ found: unknown; warnings: string[] }> {
  const { code, warnings } = await bundleScenario(file, { cwd })
  const place = await scenarioFolder({ 'bundle.mjs': code })
  const loaded = (await import(pathToFileURL(join(place, 'bundle.mjs')).href)) as { found: unknown }
  return { found: loaded.found, warnings }
}

test.each<[string, string, Record<string, string>]>([
  [
    'the paths of the nearest tsconfig.json, which extends another file and has comments and a trailing comma',
    `import { a } from '@app/a'\nimport { b } from '~/b.ts'\nimport text from '@app/c.sql'\nimport { d } from 'exact'`,
    {
      'load/tsconfig.json': '{ /* ours */ "extends": "../config/base.json", }',
      'config/base.json':
        '{ "compilerOptions": { "experimentalDecorators": true, "useDefineForClassFields": false, "baseUrl": "..", "paths": { "@app/*": ["none/*", "src/*"], "~/*": ["src/*"], "exact": ["src/d.ts"] } } }',
      'src/c.sql': 'c',
      'src/d.ts': "export const d = 'd'",
    },
  ],
  [
    'baseUrl alone',
    `import { a } from 'src/a'\nimport { b } from 'src/b'\nconst [text, d] = ['c', 'd']`,
    { 'tsconfig.json': '{ "compilerOptions": { "baseUrl": "." } }' },
  ],
  [
    "the paths of a project that tsconfig.json references, as in Vite's templates",
    `import { a } from '@/a'\nimport { b } from '@/b'\nconst [text, d] = ['c', 'd']`,
    {
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
      'tsconfig.app.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
    },
  ],
  [
    'the paths of jsconfig.json, and the imports of package.json',
    `import { a } from '@/a'\nimport { b } from '#b'\nconst [text, d] = ['c', 'd']`,
    {
      'jsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
      'package.json': '{ "imports": { "#b": "./src/b.ts" } }',
    },
  ],
])('an import through an alias is resolved with %s', async (_, imports, files) => {
  const cwd = await scenarioFolder({
    'src/a.ts': "import { b } from './b'\nexport const a = 'a' + b",
    'src/b.ts': "export const b = 'b'",
    'load/x.burst.ts': scenario(imports, '[a, b, text, d]'),
    ...files,
  })
  expect(await found(cwd, 'load/x.burst.ts')).toEqual({ found: ['ab', 'b', 'c', 'd'], warnings: [] })
})

test('an import is resolved to a package if no alias matches a file, and aliases do not apply inside packages', async () => {
  const cwd = await scenarioFolder({
    'tsconfig.json': '{ "compilerOptions": { "paths": { "*": ["./types/*"], "inner": ["./wrong.ts"] } } }',
    'wrong.ts': "export const value = 'wrong'",
    'node_modules/dep/index.js': "export { value } from 'inner'",
    'node_modules/dep/package.json': '{ "type": "module", "exports": "./index.js" }',
    'node_modules/inner/index.js': "export const value = 'right'",
    'node_modules/inner/package.json': '{ "type": "module", "exports": "./index.js" }',
    'x.burst.ts': scenario("import { value } from 'dep'", 'value'),
  })
  expect(await found(cwd, 'x.burst.ts')).toEqual({ found: 'right', warnings: [] })
})

test('if a tsconfig.json cannot be read, burst ignores the aliases in it, and a warning gives the reason', async () => {
  const cwd = await scenarioFolder({
    'tsconfig.json': '{ "extends": "@tsconfig/none" }',
    'node_modules/dep/index.js': 'export const value = 1',
    'x.burst.ts': scenario("import { value } from 'dep'", 'value'),
  })
  expect(await found(cwd, 'x.burst.ts')).toEqual({
    found: 1,
    warnings: [
      expect.stringMatching(
        /^the nearest tsconfig\.json cannot be read, so burst does not use its paths: .*@tsconfig\/none/,
      ),
    ],
  })
})

const undeclared =
  'if this is an alias, define it under "paths" in tsconfig.json; if this is a package, install it from the registry that publishes the package'

test.each([
  ['@acme/internal-auth', undeclared],
  ['acme-private/sub', undeclared],
  ['@/pages/home', undeclared],
  ['~/home', undeclared],
  ['#lib/home', 'define this import under "imports" in package.json or under "paths" in tsconfig.json'],
  ['pages/home', "for load/pages/home.ts write './pages/home'"],
  ['@acme/declared/deep', 'package.json names this package, but it is not installed: run npm install'],
  ['./none.ts', undefined],
])(
  'if the import of %s cannot be resolved, the hint does not suggest installing a package',
  async (specifier, hint) => {
    const cwd = await scenarioFolder({
      'package.json': '{ "dependencies": { "@acme/declared": "1" } }',
      'load/pages/home.ts': '',
      'load/x.burst.ts': scenario(`import '${specifier}'`, '1'),
    })
    await expect(bundleScenario('load/x.burst.ts', { cwd })).rejects.toMatchObject({
      exitCode: 104,
      message: `Could not resolve "${specifier}"`,
      at: 'load/x.burst.ts:2:8',
      hint,
    })
  },
)
