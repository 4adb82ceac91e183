import { expect, test } from 'vitest'
import { protocolFacts, protocolsInWords } from '../../../../core/report/entries/protocol-facts.ts'
import { mergeWindow } from '../../../../core/window/merge-windows.ts'
import { type ProtocolCell, mostTargets, otherTargets } from '../../../../core/window/protocols.ts'
import { type Window, emptyWindow } from '../../../../core/window/window.ts'

function windowOf(...cells: ProtocolCell[]): Window {
  return { ...emptyWindow(), protocols: new Map(cells.map((cell) => [`${cell.protocol} ${cell.target}`, cell])) }
}

test('each target is named with its protocol, and the busiest target comes first', () => {
  expect(protocolFacts(emptyWindow())).toEqual({})
  const quiet = { target: 'https://a.example', protocol: 'HTTP/1.1', connections: 3, streams: 0 } as const
  const busy = { target: 'https://b.example', protocol: 'HTTP/2', connections: 1, streams: 12 } as const
  const { protocols = [] } = protocolFacts(windowOf(quiet, busy))
  expect(protocols).toEqual([busy, quiet])
  expect(protocolsInWords(protocols)).toBe(
    'HTTP/2 to https://b.example: 12 streams on 1 connection; HTTP/1.1 to https://a.example: 3 connections',
  )
  expect(protocolsInWords([busy, quiet, busy, busy])).toMatch(/; 1 more$/)
})

test('if there are too many targets, the surplus targets share a row, and no connection is missing from the counts', () => {
  const all = emptyWindow()
  for (let at = 0; at < 300; at++) {
    const target = `https://shop-${at}.example`
    mergeWindow(all, windowOf({ target, protocol: 'HTTP/2', connections: 1, streams: 2 }))
  }
  expect(all.protocols.size).toBe(mostTargets + 1)
  expect(all.protocols.get(`HTTP/2 ${otherTargets}`)).toMatchObject({ target: otherTargets, streams: 400 })
  const sum = [...all.protocols.values()].reduce((total, { connections }) => total + connections, 0)
  expect(sum).toBe(300)
})
