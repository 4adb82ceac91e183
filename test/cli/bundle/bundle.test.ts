import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type ScenarioBundle, bundleScenario } from '../../../cli/bundle/bundle.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

const shop = `import { HttpUser, between, csv, hold, ramp, scenario, task } from 'burst'
import { greet } from './pages/home.ts'
import dep from 'old-dep'

const accounts = csv('data/accounts.csv', ['email']).unique()

export class Shopper extends HttpUser {
  static weight = 9
  wait = between('1s', '2s')
  @task(3, { tags: ['browse'] }) async browse() {
    await this.http.get(greet(dep.name + accounts.next().email))
  }
}

export default scenario({
  host: 'http://127.0.0.1:1',
  users: [Shopper],
  load: [ramp(5, '1s'), hold('1s')],
  thresholds: ['p95 < 1s'],
})
`

const files = {
  'shop.burst.ts': shop,
  'pages/home.ts': 'export const greet = (name: string): string => `/hello/${name}`\n',
  'data/accounts.csv': 'email\nä@x.example\n"b,c"\n',
  'node_modules/old-dep/package.json': '{"name":"old-dep","main":"index.js"}',
  'node_modules/old-dep/index.js': "module.exports = { name: require('node:path').basename(__filename) }\n",
  // These settings of the user's project must not change the meaning of decorators and fields.
  'tsconfig.json': '{"compilerOptions":{"experimentalDecorators":true,"useDefineForClassFields":false}}',
}

/** Returns the source map at the end of a bundle. */
function mapped(bundle: ScenarioBundle): { sources: string[]; sourcesContent?: unknown } {
  const base64 = bundle.code.slice(bundle.code.lastIndexOf('base64,') + 7)
  return JSON.parse(Buffer.from(base64, 'base64').toString()) as { sources: string[] }
}

describe('a bundle', () => {
  it('a message that a library sends with process.send is not mistaken for the description of the scenario', async () => {
    const told = "const { send } = process as { send?: (message: unknown) => void }\nsend?.call(process, 'ready')\n"
    const cwd = await scenarioFolder({ ...files, 'shop.burst.ts': told + shop })
    const { description } = await bundleScenario('shop.burst.ts', { cwd })
    expect(description.classes.map(({ name }) => name)).toEqual(['Shopper'])
  })

  it('a bundle contains a description of the scenario', async () => {
    const { description, scenario, warnings } = await bundleScenario('shop.burst.ts', {
      cwd: await scenarioFolder(files),
    })
    expect(scenario).toBe('shop.burst.ts')
    expect(warnings).toEqual([])
    expect(description).toMatchObject({
      host: 'http://127.0.0.1:1',
      classes: [{ name: 'Shopper', weight: 9, tasks: [{ name: 'browse', weight: 3, tags: ['browse'] }] }],
      load: {
        kind: 'stages',
        stages: [
          { kind: 'ramp', to: 5, ms: 1000 },
          { kind: 'hold', ms: 1000 },
        ],
      },
      feeds: [{ path: 'data/accounts.csv', rows: 2, mode: 'unique', recycle: false, users: [] }],
    })
  })

  it('the bundle of a scenario does not depend on the folder of the scenario', async () => {
    const here = await scenarioFolder(files)
    const there = await scenarioFolder(
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`deep/down/${path}`, text])),
    )
    const bundles = await Promise.all([
      bundleScenario('shop.burst.ts', { cwd: here }),
      bundleScenario(join(here, 'shop.burst.ts'), { cwd: '/' }),
      bundleScenario('deep/down/shop.burst.ts', { cwd: there }),
    ])
    expect(new Set(bundles.map((bundle) => bundle.hash)).size).toBe(1)
    expect(bundles[0]?.hash).toBe(
      createHash('sha256')
        .update(bundles[0]?.code ?? '')
        .digest('hex'),
    )
    for (const place of [here, there, process.cwd()]) expect(bundles[0]?.code).not.toContain(place)
  })

  it('if the scenario reads a file and this file changes, the bundle changes', async () => {
    const one = await bundleScenario('shop.burst.ts', { cwd: await scenarioFolder(files) })
    const other = await bundleScenario('shop.burst.ts', {
      cwd: await scenarioFolder({ ...files, 'data/accounts.csv': 'email\nx\n' }),
    })
    expect(one.hash).not.toBe(other.hash)
  })

  it('a bundle contains the files that the scenario reads, and errors in the bundle have the line numbers of the source', async () => {
    const cwd = await scenarioFolder({
      ...files,
      'shop.burst.ts': `${shop}\nexport const first = () => { throw new Error('from ' + dep.name) }\n`,
    })
    const { code } = await bundleScenario('shop.burst.ts', { cwd })
    const alone = await scenarioFolder({ 'bundle.mjs': code })
    const script = `
      globalThis[Symbol.for('burst.feeds')] = []
      const { first, default: scenario } = await import(${JSON.stringify(pathToFileURL(join(alone, 'bundle.mjs')).href)})
      try { first() } catch (error) { console.log(error.stack) }
      console.log(scenario.users[0].name, globalThis[Symbol.for('burst.files')].read('data/accounts.csv'))`
    const output = execFileSync(process.execPath, ['--enable-source-maps', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    })
    expect(output).toContain('Error: from index.js')
    expect(output).toMatch(/shop\.burst\.ts:22:\d+/)
    expect(output).toContain('Shopper email\nä@x.example\n"b,c"')
  })

  it('the source map names each source by its path relative to the scenario and does not contain the source code', async () => {
    const { sources, sourcesContent } = mapped(
      await bundleScenario('shop.burst.ts', { cwd: await scenarioFolder(files) }),
    )
    expect(sources.filter((source) => !source.startsWith('burst:'))).toEqual([
      'node_modules/old-dep/index.js',
      'pages/home.ts',
      'shop.burst.ts',
    ])
    expect(sources).toContain('burst:core/authoring/definition.ts')
    expect(sourcesContent).toBeUndefined()
  })

  it('a bundle finds the source line that contains a string, and matches only whole words', async () => {
    const bundle = await bundleScenario('shop.burst.ts', { cwd: await scenarioFolder(files) })
    expect(['p95 < 1s', 'greet', 'hello', 'Shop'].map((text) => bundle.locate(text))).toEqual([
      'shop.burst.ts:19',
      'shop.burst.ts:2',
      'pages/home.ts:1',
      undefined,
    ])
  })

  it('a bundle uses the running version of burst, even if another version is installed', async () => {
    const cwd = await scenarioFolder({
      ...files,
      'node_modules/burst/package.json': '{"name":"burst","main":"index.js"}',
      'node_modules/burst/index.js': "throw new Error('another burst')",
    })
    const plain = await bundleScenario('shop.burst.ts', { cwd: await scenarioFolder(files) })
    expect((await bundleScenario('shop.burst.ts', { cwd })).hash).toBe(plain.hash)
  })

  it('a shape function is called for every second of the load', async () => {
    const cwd = await scenarioFolder({
      'shape.burst.ts': shop
        .replaceAll(/import \{ greet.*|import dep.*|const accounts.*/g, '')
        .replace('greet(dep.name + accounts.next().email)', "'/'")
        .replace("[ramp(5, '1s'), hold('1s')]", '(second) => (second < 3 ? second * 2 : null)'),
    })
    const { description } = await bundleScenario('shape.burst.ts', { cwd })
    expect(description.load).toEqual({ kind: 'samples', users: [0, 2, 4], ended: true })
  })

  it('bundling warns when the scenario uses random numbers that differ between workers', async () => {
    const cwd = await scenarioFolder({ ...files, 'shop.burst.ts': `${shop}\nexport const lucky = Math.random()\n` })
    const { warnings } = await bundleScenario('shop.burst.ts', { cwd })
    expect(warnings).toEqual([
      'shop.burst.ts:22: this Math.random() returns a different value in each worker; use this.random in a task',
    ])
  })

  it('a scenario may declare variables with names that CommonJS defines, such as require and __dirname', async () => {
    const cwd = await scenarioFolder({
      ...files,
      'shop.burst.ts': `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const __dirname = import.meta.dirname
export const both = [require('node:fs'), __dirname]
${shop}`,
    })
    expect((await bundleScenario('shop.burst.ts', { cwd })).description.classes).toHaveLength(1)
  })

  it('bundling leaves no temporary files', async () => {
    const cwd = await scenarioFolder(files)
    const temporary = await mkdtemp(join(cwd, 'tmp-'))
    await writeFile(
      join(cwd, 'make.mjs'),
      `import { bundleScenario } from ${JSON.stringify(new URL('../../../cli/bundle/bundle.ts', import.meta.url).href)}
       await bundleScenario('shop.burst.ts', { cwd: ${JSON.stringify(cwd)} })`,
    )
    execFileSync(process.execPath, [join(cwd, 'make.mjs')], { env: { ...process.env, TMPDIR: temporary } })
    const [own = '', ...others] = await readdir(temporary)
    expect(others).toEqual([])
    expect(await readdir(join(temporary, own))).toEqual([])
    const top = Object.keys(files).map((path) => path.split('/')[0])
    expect(new Set(await readdir(cwd))).toEqual(new Set([...top, 'make.mjs', basename(temporary)]))
  })
})
