import { expect, test } from 'vitest'
import { headerMasker } from '../../../../cli/terminal/header-secrets.ts'
import { reasonOf } from '../../../../cli/run/metrics/receiver.ts'
import { remoteWriteHeaders } from '../../../../cli/run/metrics/remote-write/settings.ts'

function said(headers: Record<string, string>, answer: string): string {
  return reasonOf(new Error(answer), headerMasker(headers))
}

function basic(username: string, password: string): Record<string, string> {
  return remoteWriteHeaders({ BURST_PROMETHEUS_RW_USERNAME: username, BURST_PROMETHEUS_RW_PASSWORD: password })
}

test.each([
  [basic('jo', 'hunter2'), 'wrong password hunter2 for jo', 'wrong password *** for jo'],
  [basic('jo', 'hunter2'), 'no user jo:hunter2', 'no user ***'],
  [basic('jo', 'hunter2'), `no Basic ${btoa('jo:hunter2')}`, 'no ***'],
  [basic('jo', 'pä:s%73 w"d'), 'wrong: pä:s%73 w"d', 'wrong: ***'],
  [basic('jo', 'pä:s%73 w"d'), '{"wrong":"pä:s%73 w\\"d"}', '{"wrong":"***"}'],
  [basic('jo', 'pä:s%73 w"d'), '/?wrong=p%C3%A4%3As%2573%20w%22d', '/?wrong=***'],
  // A short password often occurs by chance in an unrelated word, as `ab` occurs in `absent`. burst shows such words unchanged.
  [basic('jo', 'ab'), 'absent jo:ab', 'absent ***'],
  [{ authorization: `basic  ${btoa('jo:s\u00e9cret')}` }, 'wrong: sécret', 'wrong: ***'],
  [{ 'proxy-authorization': `Basic ${btoa('jo:hunter2')}` }, 'wrong: hunter2', 'wrong: ***'],
  [{ authorization: 'Bearer hunter2' }, 'wrong: hunter2', 'wrong: ***'],
  [{ authorization: 'Basic %' }, 'wrong: Basic %', 'wrong: ***'],
])(
  'if the headers for a metrics receiver are %j, the answer %s of the receiver is printed as %s',
  (headers, answer, printed) => {
    expect(said(headers, answer)).toBe(printed)
  },
)
