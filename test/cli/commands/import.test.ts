import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { burst, emptyFolder, startBurst } from '../command-line.ts'

const locustfile =
  'from locust import HttpUser, task\n\nclass Visitor(HttpUser):\n    @task\n    def home(self):\n        self.client.get("/")\n'

test('burst import writes the scenario beside the imported file and suggests the next command; this command contains -H if the scenario has no host', async () => {
  const folder = await emptyFolder()
  writeFileSync(join(folder, 'shop.py'), locustfile)
  const { code, stdout, stderr } = await burst(['import', 'shop.py'], folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(
    'wrote  shop.burst.ts: 1 user class; the file contains no TODO\n\nNext:\n  npx burst debug shop.burst.ts -H https://…   # the scenario has no host\n',
  )
  expect(readFileSync(join(folder, 'shop.burst.ts'), 'utf8')).toContain("await this.http.get('/')")
})

test("if the argument is '-', burst import reads a curl command from standard input", async () => {
  const folder = await emptyFolder()
  const { child, ended } = startBurst(['import', '-', '--out', 'cart.burst.ts'], folder)
  child.stdin?.end("curl 'https://shop.example.com/cart' \\\n  --json '{\"id\": 7}'\n")
  expect(await ended).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/\n {2}npx burst debug cart\.burst\.ts\n$/) as string,
  })
  const code = readFileSync(join(folder, 'cart.burst.ts'), 'utf8')
  expect(code).toContain("await this.http.post('/cart', { json: { id: 7 }, headers: { accept: 'application/json' } })")
})

test('burst import does not overwrite a file', async () => {
  const folder = await emptyFolder()
  writeFileSync(join(folder, 'shop.py'), locustfile)
  writeFileSync(join(folder, 'shop.burst.ts'), 'mine')
  const { code, stderr } = await burst(['import', 'shop.py'], folder)
  expect(code).toBe(104)
  expect(stderr).toBe('burst: shop.burst.ts already exists\n  name another file with --out\n')
  expect(readFileSync(join(folder, 'shop.burst.ts'), 'utf8')).toBe('mine')
  // burst treats a symbolic link as an existing file, even if the target of the link does not exist.
  symlinkSync(join(folder, 'target.ts'), join(folder, 'link.burst.ts'))
  const linked = await burst(['import', 'shop.py', '--out', 'link.burst.ts'], folder)
  expect(linked).toMatchObject({
    code: 104,
    stderr: expect.stringContaining('link.burst.ts already exists') as string,
  })
  expect(existsSync(join(folder, 'target.ts'))).toBe(false)
})

test('if burst import cannot write its file, the error gives the cause in words', async () => {
  const folder = await emptyFolder()
  writeFileSync(join(folder, 'shop.py'), locustfile)
  expect(await burst(['import', 'shop.py', '--out', 'shop.py/below.burst.ts'], folder)).toMatchObject({
    code: 104,
    stderr:
      'burst: cannot write shop.py/below.burst.ts: a part of the path is a file, not a folder\n  name another path with --out; its folder must exist\n',
  })
})

test('if the imported file refers to a file that burst import cannot read, the error says so', async () => {
  const folder = await emptyFolder()
  mkdirSync(join(folder, 'users.csv'))
  const users = 'import csv\nwith open("users.csv") as f:\n    users = list(csv.DictReader(f))\n\n'
  writeFileSync(join(folder, 'shop.py'), users + locustfile)
  const { code, stderr } = await burst(['import', 'shop.py'], folder)
  expect(code).toBe(104)
  expect(stderr).toMatch(/^burst: burst cannot read a file to which shop\.py refers: EISDIR/)
})

test('burst import reports each mistake in one sentence, with the line if the line is known', async () => {
  const folder = await emptyFolder()
  writeFileSync(join(folder, 'broken.py'), 'from locust import HttpUser\n\nclass Visitor(HttpUser:\n    pass\n')
  writeFileSync(join(folder, 'two.py'), 'print "hello"\n')
  writeFileSync(join(folder, 'empty.py'), 'x = 1\n')
  writeFileSync(join(folder, 'deep.py'), `x = ${'['.repeat(5000)}${']'.repeat(5000)}\n`)
  writeFileSync(join(folder, 'notes.txt'), 'hello\n')
  const said = async (...args: string[]): Promise<string> => (await burst(['import', ...args], folder)).stderr
  expect(await said('broken.py')).toMatch(/^burst: this is not Python that burst can read\n {2}at broken\.py:3\n/)
  expect(await said('two.py')).toMatch(/^burst: this is Python 2\n {2}at two\.py:1\n/)
  expect(await said('empty.py')).toMatch(/^burst: empty\.py has no user class\n/)
  expect(await said('deep.py')).toMatch(/^burst: this is nested more than 400 levels deep\n {2}at deep\.py:1\n/)
  expect(await said('notes.txt')).toMatch(/^burst: burst does not recognise the format of notes\.txt\n/)
  expect(await said('none.py')).toBe('burst: there is no file none.py\n')
  expect(await said('empty.py', '--out', 'x.ts')).toBe('burst: --out x.ts does not end in .burst.ts\n')
})
