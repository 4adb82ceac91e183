import { expect, test } from 'vitest'
import { decodeText } from '../../../../../../functions/worker/engine/http/judging/charset.ts'

const umlaut = (encoding: BufferEncoding): Buffer => Buffer.from('gr\u00fcn', encoding)
const cases: readonly [bytes: Buffer, contentType: string, text: string][] = [
  [umlaut('utf8'), '', 'gr\u00fcn'],
  [umlaut('utf8'), 'application/json', 'gr\u00fcn'],
  [umlaut('latin1'), 'text/plain; charset=ISO-8859-1', 'gr\u00fcn'],
  [umlaut('latin1'), 'text/plain; charset="iso-8859-1"', 'gr\u00fcn'],
  [Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), umlaut('utf8')]), 'text/plain; charset=ISO-8859-1', 'gr\u00fcn'],
  [Buffer.concat([Buffer.from([0xff, 0xfe]), umlaut('utf16le')]), 'application/json', 'gr\u00fcn'],
  [Buffer.concat([Buffer.from([0xfe, 0xff]), umlaut('utf16le').swap16()]), 'application/json', 'gr\u00fcn'],
  // The first byte of this body is also the first byte of a byte order mark.
  [Buffer.from('\u00ff\u00e1', 'latin1'), 'text/plain; charset=latin1', '\u00ff\u00e1'],
  [Buffer.from('\uff21'), 'text/plain', '\uff21'],
  [Buffer.from('<meta charset=latin1>\u00fc', 'latin1'), 'text/html', '<meta charset=latin1>\u00fc'],
  [Buffer.from('<?xml encoding="latin1"?>\u00fc', 'latin1'), 'text/xml', '<?xml encoding="latin1"?>\u00fc'],
  [Buffer.from('<p>\u00fc'), 'text/html', '<p>\u00fc'],
  [Buffer.alloc(0), 'text/html', ''],
]

test('the decoding of a response does not depend on earlier responses', () => {
  for (const first of cases) {
    for (const [bytes, contentType, text] of [first, ...cases, first]) {
      expect([contentType, decodeText(bytes, contentType)]).toEqual([contentType, text])
    }
  }
})
