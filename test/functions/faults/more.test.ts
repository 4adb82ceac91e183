import { expect, test } from 'vitest'
import { check, told } from './story.ts'

/** `BURST_FAULT_SEED=17` replays one seed and prints what the stages logged. */
const replayed = process.env['BURST_FAULT_SEED']
const [parts, each] = [12, 50]
const all = Array.from({ length: parts }, (_, part) =>
  Array.from({ length: each }, (_seed, k) => (part + 6) * each + k),
)
const seeds = replayed === undefined ? all : [[Number(replayed)]]

async function failureOf(seed: number): Promise<string[]> {
  const story = await told(seed)
  try {
    await check(story)
    return []
  } catch (error) {
    const { kinds, intervalMs } = story.chosen
    const handOvers = intervalMs === null ? 'no hand-overs' : `hand-overs every ${intervalMs / 1000} s`
    const log = replayed === undefined ? [] : story.log
    return [[`BURST_FAULT_SEED=${seed} (${[...kinds, handOvers].join('; ')}): ${String(error)}`, ...log].join('\n')]
  }
}

test.each(seeds.map((some) => [some[0], some.at(-1), some] as const))(
  'whatever goes wrong, each request is counted or named as missing, and a report comes in time (seeds %i to %i)',
  async (_first, _last, some) => {
    const failures: string[] = []
    for (const seed of some) failures.push(...(await failureOf(seed)))
    expect(failures).toEqual([])
  },
  120_000,
)
