import { mkdir, writeFile } from 'node:fs/promises'
import { type IncomingMessage, createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { WebSocketServer } from 'ws'
import { expect, test } from 'vitest'
import type { WindowClosed } from '../../../core/authoring/run-event.ts'
import type { Report } from '../../../core/report/report.ts'
import { type ChildTarget, runInChild } from '../../targets/child.ts'
import type { Counts } from '../../targets/counting-target.ts'
import { ended, listening } from '../../targets/server.ts'
import { tlsFixture } from '../../targets/tls-target.ts'
import type { Cloud } from '../emulators/cloud.ts'
import type { Deployed } from './mishaps.ts'

/**
 * Defines a test with three runs at the same time. A threshold of abortOn stops the first run. The second run is a search. The functions of the third
 * run send requests to a TLS service and windows to an endpoint.
 */
export function testReach(deployed: () => Deployed): void {
  test('on AWS, abortOn stops a run with exit code 99, burst find names the highest load at which the thresholds held, and onEvent sends each window once', async () => {
    const ran = await Promise.allSettled([aborts(deployed()), finds(deployed()), reaches(deployed())])
    expect(ran.filter(({ status }) => status === 'rejected')).toEqual([])
  })
}

async function aborts({ person, cloud }: Deployed): Promise<void> {
  const target = await runInChild('counting-target.ts')
  try {
    await writeFile(join(person.folder, 'abort.burst.ts'), failingScenario(addressOf(cloud, target)))
    const { code, stdout } = await person.burst('run', 'abort.burst.ts', '--yes', '--json', '--workers', '2')
    const report = JSON.parse(stdout) as Report
    expect([code, report.verdict.stoppedBy]).toEqual([99, null])
    expect(report.verdict.reasons[0]).toMatch(
      /^stopped at 0\d:\d\d: 'errors < 40%' failed over 5 s \(it was (?:4[5-9]|5\d)/,
    )
    await inOrder(report, target)
  } finally {
    await target.close()
  }
}

async function finds({ person, cloud }: Deployed): Promise<void> {
  const target = await runInChild('counting-target.ts')
  try {
    await writeFile(join(person.folder, 'find.burst.ts'), limitedScenario(addressOf(cloud, target)))
    const { code, stdout } = await person.burst('find', 'find.burst.ts', '--yes', '--json')
    const report = JSON.parse(stdout) as Report
    const [reason = ''] = report.verdict.reasons
    expect([code, reason]).toEqual([0, expect.stringMatching(/^3 users held, 4 users broke 'errors < 10%'/)])
    await inOrder(report, target)
  } finally {
    await target.close()
  }
}

async function reaches({ person, cloud }: Deployed): Promise<void> {
  const [target, listener] = [await startSecureTarget(), await startListener()]
  try {
    const code = reachingScenario(
      `https://${cloud.targetHost}:${target.port}`,
      `http://${cloud.targetHost}:${listener.port}`,
    )
    await mkdir(join(person.folder, 'pictures'), { recursive: true })
    await Promise.all([
      writeFile(join(person.folder, 'ca.pem'), tlsFixture('ca.pem')),
      writeFile(join(person.folder, 'pictures/note.txt'), 'a note for the service'),
      writeFile(join(person.folder, 'reach.burst.ts'), code),
    ])
    const sent = ['--files', 'pictures', '--var', 'tier=gold']
    const flags = ['--yes', '--json', '--workers', '2', '--iterations', '10', ...sent]
    const ran = await person.burst('run', 'reach.burst.ts', ...flags)
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)])
    const report = JSON.parse(ran.stdout) as Report
    expect([report.completeness.complete, report.errors, report.exceptions]).toEqual([true, [], []])
    const named = (name: string) => report.requests.find((row) => row.name === name) as Report['requests'][number]
    const [uploads, rounds] = [named('/upload'), named('round').requests]
    expect(target.uploads).toEqual(Array(uploads.exchanges + uploads.interrupted).fill('a note for the service'))
    expect([uploads.requests, rounds, target.messages(), named('/chat').requests]).toEqual([40, 40, 40, 4])
    const { windows } = listener
    expect(windows.map(({ fromS }) => fromS)).toEqual(windows.map((_, k) => (k === 0 ? 0 : windows[k - 1]?.toS)))
    expect(windows.reduce((sum, { requests }) => sum + requests, 0)).toBe(report.totals.requests)
    expect(windows[0]).toMatchObject({ run: report.run.id, vars: { tier: 'gold' }, data: { id: 7 } })
  } finally {
    await Promise.all([target.close(), listener.close()])
  }
}

function addressOf({ targetHost }: Cloud, { origin }: ChildTarget): string {
  return `http://${targetHost}:${new URL(origin).port}`
}

/** Returns a scenario in which half of the requests fail. */
const failingScenario = (host: string): string => `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('200ms')
  tasks = { go: 1 }
  async go() {
    await this.http.get('/')
    await this.http.get('/status/500')
  }
}
export default scenario({
  host: '${host}', users: [Visitor], load: [ramp(6, '0s'), hold('10m')],
  abortOn: [{ threshold: 'errors < 40%', over: '5s' }],
})`

/**
 * Returns a scenario in which the requests of the fourth user fail. A step has no result if the delay that burst adds is large compared with the
 * latencies. The service therefore answers slowly.
 */
const limitedScenario = (host: string): string => `
import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { go: 1 }
  async go() { await this.http.get('/delay/2000').expect(this.index === 3 ? 201 : 200) }
}
export default scenario({
  host: '${host}', users: [Visitor],
  find: { start: 3, max: 4, step: '10s', until: ['errors < 10%'], precision: '50%' },
})`

const reachingScenario = (host: string, listener: string): string => `
import { HttpUser, type WebSocketConnection, constant, file, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('300ms')
  tasks = { reach: 1 }
  chat!: WebSocketConnection
  async onStart() { this.chat = await this.ws('/chat') }
  async reach() {
    await this.http.post('/upload', { multipart: { title: 'one', picture: file('note.txt') } }).expect(201)
    await this.chat.send('hello')
    await this.chat.expect('echo hello', { name: 'round' })
  }
}
export default scenario({
  host: '${host}', users: [Visitor], load: [ramp(4, '0s'), hold('3m')],
  tls: { ca: 'ca.pem', servername: 'localhost' },
  beforeRun: () => ({ id: 7 }),
  onEvent: async (event) => {
    if (event.type === 'windowClosed') await fetch('${listener}', { method: 'POST', body: JSON.stringify(event) })
  },
})`

/** Checks that no counts are missing, and that the target received as many requests as the report says. */
async function inOrder({ completeness, totals }: Report, target: ChildTarget): Promise<void> {
  const { received } = await target.ask<Counts>('counts')
  expect({ complete: completeness.complete, sent: totals.exchanges + totals.interrupted }).toEqual({
    complete: true,
    sent: received,
  })
}

/** Starts a TLS service with a certificate of the authority that the scenarios trust. The service accepts uploads and answers messages. */
async function startSecureTarget() {
  const uploads: string[] = []
  let messages = 0
  const options = { cert: tlsFixture('server.pem'), key: tlsFixture('server.key') }
  const server = createServer(options, (request, response) => {
    void textOf(request).then((body) => {
      uploads.push(/filename="note.txt"[^]*?\r\n\r\n([^]*?)\r\n--/.exec(body)?.[1] ?? body)
      response.writeHead(201).end()
    })
  })
  const wss = new WebSocketServer({ server })
  wss.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      messages++
      socket.send(`echo ${data.toString()}`)
    })
  })
  const { port } = new URL(await listening(server))
  const close = async (): Promise<void> => {
    for (const socket of wss.clients) socket.terminate()
    await ended(server)
  }
  return { port, uploads, messages: () => messages, close }
}

/** Starts the endpoint to which `onEvent` of the scenario sends the windows. */
async function startListener() {
  const windows: WindowClosed[] = []
  const server = createHttpServer((request, response) => {
    void textOf(request).then((body) => {
      windows.push(JSON.parse(body) as WindowClosed)
      response.end()
    })
  })
  const { port } = new URL(await listening(server))
  return { port, windows, close: () => ended(server) }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
