import { expect, test } from 'vitest'
import { insteadOf } from '../../../cli/flags/other-tools.ts'
import type { RunFlags } from '../../../cli/flags/run-options.ts'
import { findScenario, scenarioAndTags, tooManyScenarios } from '../../../cli/flags/scenario-argument.ts'

test('a path after a list of tags is read as the scenario file and not as a tag', () => {
  expect(scenarioAndTags(undefined, { tags: ['a', 'b', 'shop.burst.ts'], excludeTags: ['c'] })).toEqual({
    file: 'shop.burst.ts',
    tags: ['a', 'b'],
    excludeTags: ['c'],
  })
  expect(scenarioAndTags(undefined, { tags: ['a'], excludeTags: ['load/x.mts'] })).toEqual({
    file: 'load/x.mts',
    tags: ['a'],
    excludeTags: [],
  })
})

test('the argument and -f may name the same scenario file, but not two different files', () => {
  expect(scenarioAndTags('a.ts', { file: 'a.ts', tags: ['next.js'] })).toEqual({
    file: 'a.ts',
    tags: ['next.js'],
    excludeTags: [],
  })
  expect(() => scenarioAndTags('a.ts', { file: 'b.ts' })).toThrow('two scenarios are named, a.ts and b.ts')
})

test('a scenario file in a list of tags does not count as a tag, even if a tag follows the file, and even if the argument names the same file', () => {
  expect(scenarioAndTags(undefined, { tags: ['a', 'x.ts', 'b'] })).toEqual({
    file: 'x.ts',
    tags: ['a', 'b'],
    excludeTags: [],
  })
  expect(scenarioAndTags('x.ts', { excludeTags: ['a', 'x.ts'] })).toEqual({
    file: 'x.ts',
    tags: [],
    excludeTags: ['a'],
  })
})

test.each<[string | undefined, RunFlags, string]>([
  [undefined, { tags: ['a', 'x.ts'], excludeTags: ['b', 'y.ts'] }, 'two scenarios are named, x.ts and y.ts'],
  [undefined, { tags: ['a', 'x.js'], excludeTags: ['b', 'y.mjs'] }, 'two scenarios are named, x.js and y.mjs'],
  ['x.ts', { tags: ['a', 'y.ts'] }, 'two scenarios are named, x.ts and y.ts'],
  ['x.js', { excludeTags: ['y.burst.js'] }, 'two scenarios are named, x.js and y.burst.js'],
  [undefined, { file: 'x.ts', tags: ['y.ts', 'a', 'z.mts'] }, '3 scenarios are named'],
])('a second scenario after a list of tags is refused and not ignored: %j, %j', (argument, flags, message) => {
  expect(() => scenarioAndTags(argument, flags)).toThrow(expect.objectContaining({ message, exitCode: 104 }))
})

test('if burst cannot read the folder in which it looks for a scenario, the error names the cause', async () => {
  await expect(findScenario(undefined, '/nowhere/at/all')).rejects.toMatchObject({
    message: 'this folder cannot be read: the folder is missing',
    exitCode: 104,
  })
})

test.each([
  [
    'run a.burst.ts b.burst.ts --local',
    'two scenarios are named, a.burst.ts and b.burst.ts',
    "type 'burst run a.burst.ts'",
  ],
  ['run a.ts b.ts c.ts', '3 scenarios are named', 'the user classes of all files'],
  [
    'debug shop.burst.ts 50',
    "'burst debug' takes one argument, the scenario file",
    "type 'burst debug shop.burst.ts -u 50",
  ],
])('the error for %s suggests a correct command', (typed, message, hint) => {
  const error = tooManyScenarios(typed.split(' '))
  expect({ message: error.message, hint: error.hint, exitCode: error.exitCode }).toEqual({
    message,
    hint: expect.stringContaining(hint),
    exitCode: 104,
  })
})

test.each([
  ['--headless', 'remove the option'],
  ['--html=a.html', 'burst always writes this file'],
  ['--csv', 'burst always writes this file'],
  ['--stage', "load: [ramp(10, '30s')"],
  ['-s', '--stop-timeout'],
  ['-s10s:5', '--stop-timeout'],
  ['-d', '--run-time'],
  ['--log-level', 'no log levels'],
  ['--loglevel', 'no log levels'],
  ['-e', '--var key=value'],
])('the error for %s, an option of another tool, names the equivalent in burst', (option, words) => {
  expect(insteadOf(option)).toContain(words)
})

test('the error for an unknown option does not mention other tools', () => {
  expect(['--frobnicate', '--s', '-q', '--'].map(insteadOf)).toEqual([undefined, undefined, undefined, undefined])
})
