import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ownedS3Client } from '../../../functions/aws/s3-client.ts'
import { S3Store } from '../../../functions/aws/s3-store.ts'
import { clientSettings } from '../../../functions/aws/client-settings.ts'
import { type SmallS3, startSmallS3 } from './small-s3.ts'

let s3: SmallS3
let store: S3Store
beforeEach(async () => {
  s3 = await startSmallS3()
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
  const place = { endpoint: s3.origin, region: 'us-east-1', credentials, forcePathStyle: true }
  store = new S3Store(
    ownedS3Client(s3.owner, { ...clientSettings({ sockets: 8, patienceMs: 5000 }), ...place }),
    'runs',
  )
})
afterEach(async () => s3.close())

describe('the store on S3', () => {
  test('the store returns the object that was put, and undefined for a missing key', async () => {
    const etag = await store.put('runs/r1/a.json', '{"ä":1}')
    expect(await store.get('runs/r1/a.json')).toEqual({ body: '{"ä":1}', etag })
    expect(await store.get('runs/r1/b.json')).toBeUndefined()
    await store.delete('runs/r1/a.json')
    expect(await store.get('runs/r1/a.json')).toBeUndefined()
  })

  test('the store sets the content type of a file, so that a browser shows the report', async () => {
    await store.put('runs/r1/report.html', '<p>')
    expect(s3.objects.get('runs/r1/report.html')?.type).toBe('text/html; charset=utf-8')
  })

  test('`ifAbsent` lets the store write only a missing object, and `ifMatch` only the given version', async () => {
    const first = await store.put('k', '1', { ifAbsent: true })
    expect(first).toBeDefined()
    expect(await store.put('k', '2', { ifAbsent: true })).toBeUndefined()
    const second = await store.put('k', '2', { ifMatch: first ?? '' })
    expect(second).toBeDefined()
    expect(await store.put('k', '3', { ifMatch: first ?? '' })).toBeUndefined()
    expect(await store.put('gone', '3', { ifMatch: first ?? '' })).toBeUndefined()
    expect((await store.get('k'))?.body).toBe('2')
  })

  test('the store lets exactly one of many concurrent writers win', async () => {
    const claims = await Promise.all(
      Array.from({ length: 20 }, async (_, k) => store.put('c', `${k}`, { ifAbsent: true })),
    )
    expect(claims.filter((etag) => etag !== undefined)).toHaveLength(1)
  })

  test('the store repeats a write that conflicts with another write, or that S3 refuses because S3 is busy', async () => {
    s3.mishaps.push({ status: 409, code: 'ConditionalRequestConflict' }, { status: 503, code: 'SlowDown' })
    expect(await store.put('k', '1', { ifAbsent: true })).toBeDefined()
    expect(s3.requests).toEqual(['PUT k', 'PUT k', 'PUT k'])
  })

  test.for(['answer stalls', 'answer cut'] as const)(
    'the store repeats a read if the body of the response does not arrive completely: %s',
    async (mishap) => {
      await store.put('k', 'complete')
      s3.mishaps.push(mishap)
      expect((await store.get('k'))?.body).toBe('complete')
      s3.mishaps.push(mishap)
      expect(await store.list('k')).toEqual(['k'])
      expect(s3.requests).toEqual(['PUT k', 'GET k', 'GET k', 'GET ', 'GET '])
    },
  )

  test('a read fails if no body arrives completely in three attempts', async () => {
    await store.put('k', 'complete')
    s3.mishaps.push('answer cut', 'answer stalls', 'answer cut')
    await expect(store.get('k')).rejects.toThrow('aborted')
    expect(s3.requests).toEqual(['PUT k', 'GET k', 'GET k', 'GET k'])
  })

  test('the store recognises its own earlier write if the response to that write was lost', async () => {
    s3.mishaps.push('answer lost')
    const etag = await store.put('k', 'mine', { ifAbsent: true })
    expect(etag).toBe(s3.objects.get('k')?.etag)
    s3.mishaps.push('answer lost')
    const next = await store.put('k', 'mine too', { ifMatch: etag ?? '' })
    expect(next).toBe(s3.objects.get('k')?.etag)
  })

  test('the store recognises that another writer has written the object', async () => {
    await store.put('k', 'theirs')
    s3.mishaps.push({ status: 500, code: 'InternalError' })
    expect(await store.put('k', 'mine', { ifAbsent: true })).toBeUndefined()
  })

  test('the store lists all keys with a prefix, in order, over all pages', async () => {
    for (const key of ['b/3', 'a/1', 'b/10', 'b/2', 'b/1', 'b/4', 'b/5', 'c/1']) await store.put(key, '')
    expect(await store.list('b/')).toEqual(['b/1', 'b/10', 'b/2', 'b/3', 'b/4', 'b/5'])
  })

  test.for(['get', 'put', 'list', 'delete'] as const)(
    'if S3 denies a call of the store, the error names the denied action: %s',
    async (what) => {
      s3.mishaps.push({ status: 403, code: 'AccessDenied' })
      const denied = what === 'put' ? store.put('k', '1') : store[what]('k')
      const action = { get: 'GetObject', put: 'PutObject', list: 'ListBucket', delete: 'DeleteObject' }[what]
      await expect(denied).rejects.toMatchObject({ exitCode: 97, message: `AWS denies s3:${action} on s3://runs/k` })
    },
  )

  test.for(['get', 'put', 'list', 'delete'] as const)(
    'the store refuses a bucket that belongs to a different account: %s',
    async (what) => {
      s3.objects.set('k', { body: 'theirs', etag: '"1"', type: '' })
      s3.owner = '999999999999'
      const used = what === 'put' ? store.put('k', 'mine') : store[what]('k')
      await expect(used).rejects.toMatchObject({ exitCode: 97 })
      expect(s3.objects.get('k')?.body).toBe('theirs')
    },
  )

  test('the store does not mistake a missing bucket for a missing object', async () => {
    s3.mishaps.push({ status: 404, code: 'NoSuchBucket' })
    await expect(store.get('k')).rejects.toMatchObject({ name: 'NoSuchBucket' })
  })
})
