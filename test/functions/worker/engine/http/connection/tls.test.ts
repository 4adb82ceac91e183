import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type TlsTarget, startTlsTarget, tlsFixture } from '../../../../../targets/tls-target.ts'
import { runSlice } from '../../../slice-run.ts'

let target: TlsTarget
beforeEach(async () => {
  target = await startTlsTarget()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await target.close()
})

const scenario = (host: string): string => `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/a')
    await this.http.head('/b')
    await this.http.get('/c', { headers: { host: 'shop.example' } })
    await this.http.delete('/d', { json: {} })
  }
}
export default scenario({ host: '${host}', users: [U] })`

test('a user keeps one TLS connection for all of its requests, and the setup time of the connection is measured', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  const { window } = await runSlice({
    host: target.origin,
    scenario: scenario(target.origin),
    options: { users: 1, iterations: 2, runTimeMs: 20_000 },
  })
  expect([...window.errors.values()]).toEqual([])
  expect(target.connections()).toBe(1)
  expect(target.received).toHaveLength(8)
  expect(target.received.every(({ servername }) => servername === 'localhost')).toBe(true)
  expect(target.received[2]?.host).toBe('shop.example')
  const first = window.requests.get('GET /a')
  expect([first?.connect.count, first?.tls.count, first?.latency.count]).toEqual([1, 1, 2])
})

test('each user begins with a full TLS handshake and resumes its session later, but users that share connections share one full handshake', async () => {
  const ofUsers = async (more: string): Promise<string[]> => {
    const one = await startTlsTarget()
    try {
      const { window } = await runSlice({
        host: one.origin,
        scenario: `import { HttpUser, scenario, task } from 'burst'
// The users begin one after another, so that each user finds the session of the previous user.
let previous: Promise<void> = Promise.resolve()
class U extends HttpUser {
  static connection = 'close'
  @task async go() {
    const mine = this.inTurn(previous)
    previous = mine.catch(() => {})
    await mine
  }
  async inTurn(before: Promise<void>) {
    await before
    for (let k = 0; k < 3; k++) await this.http.get('/:user', { params: { user: this.index } })
  }
}
export default scenario({ host: '${one.origin}', users: [U], tls: { insecure: true }${more} })`,
        options: { users: 3, iterations: 1, runTimeMs: 60_000 },
      })
      expect([...window.errors.values()]).toEqual([])
      return one.received.map(({ path, resumed }) => `${path} ${resumed ? 'resumed' : 'full'}`)
    } finally {
      await one.close()
    }
  }
  const [own, shared] = await Promise.all([ofUsers(''), ofUsers(", connections: 'shared'")])
  expect(own.toSorted()).toEqual(
    ['/0', '/1', '/2'].flatMap((user) => [`${user} full`, `${user} resumed`, `${user} resumed`]),
  )
  expect(shared.filter((line) => line.endsWith('full'))).toEqual(['/0 full'])
})

test('a request to a target with an untrusted certificate fails, and its socket is closed', async () => {
  const { window } = await runSlice({
    host: target.origin,
    scenario: scenario(target.origin),
    options: { users: 1, iterations: 1, runTimeMs: 20_000 },
  })
  const errors = [...window.errors.values()]
  expect(errors.map(({ name, kind }) => `${kind} ${name}`).toSorted()).toEqual([
    'network /a',
    'network /b',
    'network /c',
    'network /d',
  ])
  const advice =
    "TLS failed: the certificate is not signed by a known authority; to trust its authority, write tls: { ca: 'ca.pem' } in"
  expect(errors.map(({ message }) => message)).toEqual(errors.map(() => expect.stringContaining(advice)))
  expect(target.received).toEqual([])
  // At most one socket may remain, because the last connection may still be closing.
  expect(Math.max(...[...window.workers.values()].map(({ sockets }) => sockets))).toBeLessThanOrEqual(1)
})

const fixture = (name: string): { cert: string; key: string } => ({
  cert: tlsFixture(`${name}.pem`),
  key: tlsFixture(`${name}.key`),
})
const files = Object.fromEntries(
  ['ca.pem', 'client-0.pem', 'client-0.key', 'client-1.pem', 'client-1.key'].map((name) => [name, tlsFixture(name)]),
)

test("the scenario's certificate authorities are trusted, and each user may have a separate client certificate", async () => {
  const mutual = { ca: files['ca.pem'] as string, requestCert: true }
  const started = await Promise.all([
    startTlsTarget({ ...fixture('server'), ...mutual }),
    startTlsTarget(fixture('expired')),
    startTlsTarget(fixture('other')),
    startTlsTarget({ ...fixture('server'), maxVersion: 'TLSv1.2' }),
  ])
  const [home, expired, other, old] = started
  try {
    const { window } = await runSlice({
      host: home.origin,
      files: { ...files, 'clients.csv': 'cert,key\nclient-0.pem,client-0.key\nclient-1.pem,client-1.key\n' },
      scenario: `import { HttpUser, csv, scenario, task } from 'burst'
const clients = csv('clients.csv', ['cert', 'key']).unique()
class U extends HttpUser {
  async onStart() {
    this.http.tls = clients.next()
  }
  @task async go() {
    await this.http.get('/own')
    await this.http.get('${expired.origin}/x', { name: '/expired' })
    await this.http.get('${other.origin}/x', { name: '/other' })
    await this.http.get('${old.origin}/x', { name: '/old' })
    await this.http.get('${home.origin.replace('https', 'http')}/x', { name: '/plain' })
    try {
      this.http.tls = {}
    } catch (error) {
      throw new Error(error.message + ' ' + ${JSON.stringify(files['client-0.key'])})
    }
  }
}
export default scenario({ host: '${home.origin}', users: [U], tls: { ca: 'ca.pem', minVersion: 'TLSv1.3' } })`,
      options: { users: 2, iterations: 1, runTimeMs: 20_000 },
    })
    const told = [...window.errors.values()].map(({ name, count, message }) => `${name} ${count} ${message}`).toSorted()
    expect(told).toEqual([
      '/expired 2 CERT_HAS_EXPIRED: TLS failed: the certificate of the target has expired; to accept it, set insecure in tls, or use --insecure',
      expect.stringMatching(
        /^\/old 2 .*: TLS failed: the target does not accept any version of TLS that burst may use/,
      ),
      expect.stringContaining(
        'the certificate is for another host name than localhost: other.example; set the expected name with servername',
      ),
      expect.stringMatching(/^\/plain 2 /),
    ])
    expect(new Set(home.received.map(({ client }) => client))).toEqual(new Set(['client 0', 'client 1']))
    expect([...window.secured]).toEqual([['TLSv1.3', 2]])
    expect([...window.exceptions.keys()]).toEqual([expect.stringMatching(/set it before that request.* \*\*\*\s*$/)])
  } finally {
    await Promise.all(started.map((one) => one.close()))
  }
})

test('the report names a target that requires a client certificate, and counts connections whose certificate is not verified', async () => {
  const started = await Promise.all([
    startTlsTarget({
      ...fixture('server'),
      ca: files['ca.pem'] as string,
      requestCert: true,
      rejectUnauthorized: true,
    }),
    startTlsTarget({
      ...fixture('server'),
      ca: files['ca.pem'] as string,
      requestCert: true,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    }),
  ])
  const [home, old] = started
  try {
    const { window, plan } = await runSlice({
      host: old.origin,
      files,
      scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/name')
    await this.http.get('${home.origin}/x', { name: '/certificate' })
  }
}
export default scenario({ host: '${old.origin}', users: [U], tls: { servername: 'other.example' } })`,
      options: { users: 1, iterations: 1, runTimeMs: 20_000, insecure: true },
    })
    expect(plan.words).toContain('certificates are not verified')
    expect([...window.errors.values()].map(({ name, message }) => `${name} ${message}`)).toEqual([
      expect.stringMatching(
        /^\/certificate .*: TLS failed: the target requires a client certificate; set it with tls:/,
      ),
    ])
    expect(old.received.map(({ servername }) => servername)).toEqual(['other.example'])
    expect(window.secured.get('TLSv1.2 unverified')).toBe(1)
  } finally {
    await Promise.all(started.map((one) => one.close()))
  }
})
