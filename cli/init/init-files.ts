/** The files that `burst init` writes. */
export const firstScenario = `import { HttpUser, between, hold, ramp, scenario } from 'burst'

// Every simulated user is an instance of this class: the user picks a task by weight, runs it, waits, and picks the next task.
class Visitor extends HttpUser {
  wait = between('1s', '3s')
  tasks = { home: 3, product: 1 }

  async home() {
    await this.http.get('/').expect(200)
  }

  async product() {
    // The name in the report keeps ':id', so all products are counted together.
    await this.http.get('/product/:id', { params: { id: this.random.int(1, 100) } })
  }
}

export default scenario({
  // The service to load. Load only services that you own. 'burst run --local -H https://…' overrides this host.
  host: 'http://127.0.0.1:8080',
  users: [Visitor],
  load: [ramp(10, '10s'), hold('50s')],
  thresholds: ['errors < 1%', 'p95 < 500ms'],
})
`

export const tsconfig = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'es2024',
      // 'dom' declares the web APIs that Node also has: console, fetch, URL, performance.
      lib: ['es2024', 'esnext.decorators', 'dom'],
      types: ['node'],
      module: 'preserve',
      moduleResolution: 'bundler',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    },
    include: ['*.burst.ts'],
  },
  null,
  2,
)}
`

export const scenarioFile = 'first.burst.ts'
export const loadScript = `burst run ${scenarioFile} --local`
/** The package with the types of Node, such as process, node:fs and import.meta.dirname. tsconfig.json names this package. */
export const nodeTypes = { name: '@types/node', version: '^24.0.0' } as const
export const ignoredFolder = 'burst-results/'
