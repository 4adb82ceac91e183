import { afterEach, expect, test } from 'vitest'
import { type Finding, examine } from '../../../../cli/aws/deploying/doctor.ts'
import { choosePlace } from '../../../../cli/aws/place.ts'
import { emptyFolder } from '../../command-line.ts'
import { type SmallAccount, startSmallAccount } from './small-account.ts'

let aws: SmallAccount | undefined
afterEach(async () => aws?.close())

/** Runs `burst doctor --users` in an account with a stack. Returns the finding about the concurrency. */
async function found(users: number, concurrency: { limit: number; reserved?: number }): Promise<Finding | undefined> {
  aws = await startSmallAccount({ states: ['CREATE_COMPLETE'], concurrency })
  const place = await choosePlace({ endpoint: aws.endpoint, region: 'eu-west-1' }, await emptyFolder())
  const findings: Finding[] = []
  await examine(place, { host: undefined, users, tell: (finding) => findings.push(finding) })
  return findings.find(({ text }) => text.startsWith('Lambda concurrency'))
}

test.each([
  [
    { limit: 100 },
    'well',
    'a run may use 50; 32,000 users need a concurrency of 45, or 49 in a run of more than 10 minutes',
  ],
  [{ limit: 96 }, 'note', 'a run may use 48; 32,000 users need a concurrency of 45, or 49 in'],
  [{ limit: 88 }, 'ill', 'a run may use 44; 32,000 users need a concurrency of 45, or 49 in'],
  [{ limit: 1000, reserved: 44 }, 'well', 'a run may use 44; 32,000 users need a concurrency of 40, or 44 in'],
  [{ limit: 1000, reserved: 43 }, 'note', 'a run may use 43; 32,000 users need a concurrency of 40, or 44 in'],
  [
    { limit: 4, reserved: 44 },
    'ill',
    '; the coordinator and the reducers need a concurrency of 5, but only 4 of the unreserved concurrency is free',
  ],
])(
  'burst doctor says whether the concurrency (%j) suffices for a run without hand-overs and for a run with hand-overs: %s',
  async (concurrency, state, text) => {
    expect(await found(32_000, concurrency)).toMatchObject({ state, text: expect.stringContaining(text) as string })
  },
)
