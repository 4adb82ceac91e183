import { describe, expect, it } from 'vitest'
import { buildIdentity, version } from '../../build/identity.ts'

describe('the identity of the build', () => {
  it('the id of a build consists of the version and a hash of the code, and two builds of the same code have the same id', async () => {
    const identity = await buildIdentity()
    expect(identity).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/)
    expect(identity.startsWith(`${version()}+`)).toBe(true)
    expect(await buildIdentity()).toBe(identity)
  })
})
