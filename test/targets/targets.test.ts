import { Agent, request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { runInChild } from './child.ts'
import { type Counts, type RecordedRequest, startCountingTarget } from './counting-target.ts'
import type { Truth } from './measuring/exact-delay-target.ts'
import { startRudeTarget, unusedOrigin } from './raw/rude-targets.ts'

describe('the counting target', () => {
  test('the counting target counts requests by method and path, and by connection', async () => {
    const target = await startCountingTarget({ jitterMs: 5 })
    try {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (const path of ['/a', '/a?x=1', '/status/404']) await get(target.origin + path, agent)
      agent.destroy()
      await fetch(`${target.origin}/a`, { method: 'POST', body: 'x' })
      const { received, byPath, perConnection } = target.counts()
      expect(received).toBe(4)
      expect(byPath).toEqual({ 'GET /a': 2, 'GET /status/404': 1, 'POST /a': 1 })
      expect(perConnection).toEqual([3, 1])
    } finally {
      await target.close()
    }
  })

  test('if `record` is set, the counting target keeps the requests of each user in order, even in a separate process', async () => {
    const target = await runInChild('counting-target.ts', { record: true })
    try {
      await fetch(`${target.origin}/one`, { headers: { 'x-user': '7' } })
      await fetch(`${target.origin}/two?q=1`, { method: 'POST', body: 'hello', headers: { 'x-user': '7' } })
      const records = await target.ask<Record<string, RecordedRequest[]>>('records')
      expect(records['7']?.map(({ method, path, body }) => `${method} ${path} ${body.slice(0, 8)}`)).toEqual([
        'GET /one e3b0c442',
        'POST /two?q=1 2cf24dba',
      ])
      expect((await target.ask<Counts>('counts')).answered).toBe(2)
    } finally {
      await target.close()
    }
  })
})

test('the exact-delay target answers three of fifty requests later than the other requests, and all delays are exact', async () => {
  const target = await runInChild('measuring/exact-delay-target.ts')
  try {
    await Promise.all(Array.from({ length: 100 }, () => get(target.origin)))
    const truth = await target.ask<Truth>('truth')
    expect(truth).toMatchObject({ count: 100, slow: 6 })
    expect(truth.p50).toBeGreaterThanOrEqual(20)
    expect(truth.p95).toBeGreaterThanOrEqual(200)
  } finally {
    await target.close()
  }
})

describe('the misbehaving target', () => {
  test.each(['/half', '/half-reset', '/close', '/reset', '/garbage', '/huge-headers'])(
    'the path %s of the misbehaving target does not give a valid response',
    async (path) => {
      const target = await startRudeTarget()
      try {
        await expect(get(target.origin + path)).rejects.toThrow(/aborted|hang up|ECONNRESET|Parse Error/)
        expect(target.counts()).toEqual({ [`GET ${path}`]: 1 })
      } finally {
        await target.close()
      }
    },
  )

  test.each([
    '/encoded/gzip',
    '/encoded/deflate',
    '/encoded/br',
    '/redirect/3',
    '/cross',
    '/no-length',
    '/early-hints',
  ])('the path %s of the misbehaving target gives an unusual but valid response', async (path) => {
    const target = await startRudeTarget()
    try {
      const answer = await fetch(target.origin + path)
      expect(answer.status).toBe(200)
      expect(await answer.text()).toMatch(/word|arrived|method|until|ok/)
    } finally {
      await target.close()
    }
  })

  test('connections to the unused origin are refused', async () => {
    await expect(get(await unusedOrigin())).rejects.toThrow(/ECONNREFUSED/)
  })
})

function get(url: string, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...(agent && { agent }) }, (response) => {
      response.on('error', reject)
      response.on('end', () => resolve(response.statusCode ?? 0)).resume()
    })
    sent.on('error', reject).end()
  })
}
