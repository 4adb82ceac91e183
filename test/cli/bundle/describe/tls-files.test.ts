import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleScenario } from '../../../../cli/bundle/bundle.ts'
import { checkTlsFiles } from '../../../../cli/bundle/describe/tls-files.ts'
import { scenarioFolder } from '../../../fixtures/scenario-folder.ts'
import { tlsFixture } from '../../../targets/tls-target.ts'

/** Returns the error message for this `tls` option if the folder of the scenario contains these files. */
function complaint(tls: unknown, files: Readonly<Record<string, string>>): string {
  try {
    checkTlsFiles(tls, (path) => files[path] ?? '')
    return 'accepted'
  } catch (error) {
    return (error as Error).message
  }
}

test('for each mistake in the TLS options or their files, the error is one sentence', () => {
  const [ca, cert, key] = [tlsFixture('ca.pem'), tlsFixture('client-0.pem'), tlsFixture('client-0.key')]
  const files = {
    'ca.pem': ca,
    'a.pem': cert,
    'a.key': key,
    'b.key': tlsFixture('client-1.key'),
    'empty.pem': '\n',
    'broken.pem': ca.replace(/MII../, 'AAAA'),
    'secret.key': key.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'),
    'broken.key': key.replace(/MIG./, 'AAAA'),
  }
  const told = (tls: unknown): string => complaint(tls, files)
  expect(told({ ca: 'ca.pem', cert: 'a.pem', key: 'a.key', insecure: false, minVersion: 'TLSv1.3' })).toBe('accepted')
  expect(told({ ca: [ca, 'ca.pem'], cert, key, servername: 'shop.example' })).toBe('accepted')
  expect(told({ cert: 'a.pem', key: 'b.key' })).toBe("'b.key' (key in tls) is not the key of 'a.pem' (cert in tls)")
  expect(told({ cert, key: files['b.key'] })).toBe(
    "the text of 'key' in tls is not the key of the text of 'cert' in tls",
  )
  expect(told({ ca: ['ca.pem', 'empty.pem'] })).toBe("'empty.pem' (ca in tls) has no certificate")
  expect(told({ ca: 'broken.pem' })).toBe("'broken.pem' (ca in tls) has a certificate that cannot be read")
  expect(told({ cert: 'a.pem', key: 'a.pem' })).toBe("'a.pem' (key in tls) has no private key")
  expect(told({ cert: 'a.pem', key: 'secret.key' })).toBe("'secret.key' (key in tls) is encrypted")
  expect(told({ cert: 'a.pem', key: 'broken.key' })).toBe(
    "'broken.key' (key in tls) has a private key that cannot be read",
  )
  expect(told({ cert: 'a.pem' })).toBe("'tls' of scenario() has 'cert' without 'key'")
  expect(told({ verify: false })).toBe("'tls' of scenario() has an unknown option 'verify'")
  expect(told({ insecure: 'yes' })).toBe(`'insecure' in 'tls' of scenario() is "yes"`)
  expect(told({ minVersion: 'TLSv1.1' })).toBe(`'minVersion' in 'tls' of scenario() is "TLSv1.1"`)
  expect(told({ servername: '127.0.0.1' })).toBe(`'servername' in 'tls' of scenario() is "127.0.0.1"`)
  expect(told({ ca: [] })).toBe("'ca' in 'tls' of scenario() is an empty list")
  expect(told('ca.pem')).toBe(`'tls' of scenario() is "ca.pem"`)
})

test('the error for a missing certificate file names the line that contains the path, and the bundle contains certificate files whose paths are in a feed', async () => {
  const scenario = (ca: string): string => `import { HttpUser, csv, scenario } from 'burst'
const clients = csv('clients.csv', ['cert', 'key']).unique()
class U extends HttpUser {
  tasks = { go: 1 }
  async go() {
    this.http.tls = clients.next()
    await this.http.get('/')
  }
}
export default scenario({
  host: 'https://localhost:1',
  users: [U],
  tls: {
    ca: '${ca}',
  },
})
`
  const cwd = await scenarioFolder({
    'a.burst.ts': scenario('no/ca.pem'),
    'b.burst.ts': scenario('ca.pem'),
    'ca.pem': tlsFixture('ca.pem'),
    'clients.csv': 'cert,key\nclient.pem,client.key\n',
    'client.pem': tlsFixture('client-0.pem'),
    'client.key': tlsFixture('client-0.key'),
  })
  await expect(bundleScenario('a.burst.ts', { cwd })).rejects.toMatchObject({
    message: `'no/ca.pem' in tls does not exist (looked for ${join(cwd, 'no/ca.pem')})`,
    at: 'a.burst.ts:14',
    exitCode: 104,
  })
  const { code } = await bundleScenario('b.burst.ts', { cwd })
  for (const name of ['ca.pem', 'client.pem', 'client.key']) {
    expect(code).toContain(JSON.stringify(readFileSync(join(cwd, name), 'utf8')).slice(1, -1))
  }
})
