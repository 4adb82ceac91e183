import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileStore } from '../../../cli/embedded/file-store.ts'
import { ownIdentity } from '../../../cli/ending/process-identity.ts'
import { BurstError } from '../../../core/errors.ts'
import { count } from './counting.ts'

let folder: string
let store: FileStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-store-'))
  store = new FileStore(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a store in a folder', () => {
  test('get returns the stored content, and equal contents have equal etags', async () => {
    const etag = await store.put('runs/a/plan.json', 'grüße 🙂')
    expect(await store.get('runs/a/plan.json')).toEqual({ body: 'grüße 🙂', etag })
    expect(await store.put('runs/b/plan.json', 'grüße 🙂')).toBe(etag)
    expect(await store.put('runs/b/plan.json', 'other')).not.toBe(etag)
  })

  test('get returns undefined for a key that was never written or was deleted', async () => {
    expect(await store.get('runs/a/plan.json')).toBeUndefined()
    await store.put('runs/a/plan.json', '1')
    await store.delete('runs/a/plan.json')
    await store.delete('runs/a/plan.json')
    expect(await store.get('runs/a/plan.json')).toBeUndefined()
    expect(await store.list('runs/')).toEqual([])
  })

  test('put with ifAbsent is refused for an existing key, and exactly one of many concurrent writers succeeds', async () => {
    const claims = await Promise.all(
      Array.from({ length: 20 }, async (_, k) => store.put('claims/0-0', String(k), { ifAbsent: true })),
    )
    expect(claims.filter((etag) => etag !== undefined)).toHaveLength(1)
    expect(await store.put('claims/0-0', 'late', { ifAbsent: true })).toBeUndefined()
  })

  test('no update is lost when many writers use compare-and-swap on one object', async () => {
    await store.put('counter', '0')
    const increment = async (): Promise<void> => {
      const found = await store.get('counter')
      const etag = await store.put('counter', String(Number(found?.body) + 1), { ifMatch: found?.etag ?? '' })
      if (etag === undefined) await increment()
    }
    await Promise.all(Array.from({ length: 12 }, increment))
    expect((await store.get('counter'))?.body).toBe('12')
  })

  test('no update is lost when several processes, and several stores in one process, use compare-and-swap on one object', async () => {
    await store.put('counter', '0')
    const [storeModule, countModule] = ['../../../cli/embedded/file-store.ts', './counting.ts'].map((path) =>
      JSON.stringify(new URL(path, import.meta.url).href),
    )
    const script = `
      import { FileStore } from ${storeModule}
      import { count } from ${countModule}
      await count(new FileStore(${JSON.stringify(folder)}), 50)
    `
    const args = ['--input-type=module-typescript', '-e', script]
    const processes = Array.from({ length: 2 }, async () => promisify(execFile)(process.execPath, args))
    const stores = Array.from({ length: 3 }, async () => count(new FileStore(folder), 100))
    await Promise.all([...processes, ...stores])
    expect((await store.get('counter'))?.body).toBe(String(2 * 50 + 3 * 100))
    expect(readdirSync(folder)).toEqual(['counter'])
  })

  test('put writes an object even if a killed process left a lock on this object', async () => {
    const etag = await store.put('runs/x', '1')
    writeFileSync(join(folder, 'runs', '.x.lock'), JSON.stringify({ ...ownIdentity(), pid: 2 ** 30 }))
    expect(await store.put('runs/x', '2', { ifMatch: etag ?? '' })).toBeDefined()
    expect((await store.get('runs/x'))?.body).toBe('2')
    expect(readdirSync(join(folder, 'runs'))).toEqual(['x'])
  })

  test('put with ifMatch does not create the folder of an object that does not exist', async () => {
    expect(await store.put('runs/a/x', '1', { ifMatch: 'nothing' })).toBeUndefined()
    expect(readdirSync(folder)).toEqual([])
  })

  test('put with ifMatch is refused if the object has a different etag or does not exist', async () => {
    expect(await store.put('x', '1', { ifMatch: 'nothing' })).toBeUndefined()
    expect(await store.get('x')).toBeUndefined()
    const first = await store.put('x', '1')
    await store.put('x', '2')
    expect(await store.put('x', '3', { ifMatch: first ?? '' })).toBeUndefined()
    expect((await store.get('x'))?.body).toBe('2')
  })

  test('list returns a sorted list of the keys that begin with a prefix, even if the prefix ends within the name of a folder', async () => {
    for (const key of [
      'runs/a/claims/1-0',
      'runs/a/claims/0-0',
      'runs/a/claims/10-0',
      'runs/b/plan.json',
      'runs/a/z',
    ]) {
      await store.put(key, 'x')
    }
    expect(await store.list('runs/a/claims/')).toEqual(['runs/a/claims/0-0', 'runs/a/claims/1-0', 'runs/a/claims/10-0'])
    expect(await store.list('runs/a/claims/1')).toEqual(['runs/a/claims/1-0', 'runs/a/claims/10-0'])
    expect(await store.list('runs/c/')).toEqual([])
    expect(await store.list('')).toHaveLength(5)
  })

  test.for(['', '/etc/passwd', '../x', 'a/../../x', 'a//b', 'a/./b', 'a\0b', 'a\\b', '.hidden', 'a/'])(
    'the store refuses the key %j',
    async (key) => {
      await expect(store.put(key, 'x')).rejects.toThrow('not a valid key')
      await expect(store.get(key)).rejects.toThrow('not a valid key')
      expect(readdirSync(folder)).toEqual([])
    },
  )

  test('put removes its temporary file even if put is refused because of ifAbsent or ifMatch', async () => {
    await store.put('runs/x', '1')
    await store.put('runs/x', '2', { ifAbsent: true })
    await store.put('runs/x', '3', { ifMatch: 'no' })
    expect(readdirSync(join(folder, 'runs'))).toEqual(['x'])
  })

  test('if a folder in the path of the store is in fact a file, the error names the path and the cause', async () => {
    writeFileSync(join(folder, 'file'), '')
    const error: unknown = await new FileStore(join(folder, 'file', 'store'))
      .put('plan.json', 'x')
      .catch((e: unknown) => e)
    expect(error).toBeInstanceOf(BurstError)
    expect(error).toMatchObject({
      reason: 'runFailed',
      message: expect.stringMatching(/^cannot write .*\/file\/store\/plan\.json: a part of the path is a file/),
    })
  })

  test('the old object remains complete when the new object does not fit on the disk', () => {
    const module = new URL('../../../cli/embedded/file-store.ts', import.meta.url).href
    const script = `
      import { FileStore } from ${JSON.stringify(module)}
      const store = new FileStore(${JSON.stringify(folder)})
      await store.put('runs/x', 'small')
      const error = await store.put('runs/x', 'x'.repeat(4_000_000)).catch((e) => e)
      console.log(JSON.stringify([error.reason, error.message, (await store.get('runs/x')).body]))
    `
    const limited = `ulimit -f 100; exec ${process.execPath} --input-type=module-typescript -e "$SCRIPT"`
    const child = spawnSync('bash', ['-c', limited], { env: { ...process.env, SCRIPT: script }, encoding: 'utf8' })
    expect(child.stderr).not.toMatch(/Error/)
    const [reason, message, body] = JSON.parse(child.stdout) as string[]
    expect(reason).toBe('runFailed')
    expect(message).toContain('EFBIG')
    expect(body).toBe('small')
    expect(readdirSync(join(folder, 'runs'))).toEqual(['x'])
  })
})
