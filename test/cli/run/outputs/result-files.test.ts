import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkOut, prepareOutputs, writeOutputs } from '../../../../cli/run/outputs/result-files.ts'
import { BurstError } from '../../../../core/errors.ts'

const files = { 'report.json': '{}', 'report.html': '<p>', 'stats.csv': 'a,b' }

test('a missing output folder is created, and the check that the folder is writable leaves no file behind', async () => {
  const folder = join(await emptyFolder(), 'a', 'b')
  await prepareOutputs(folder)
  expect(await readdir(folder)).toEqual([])
})

test('empty folders that were created for a run are removed if the run does not start', async () => {
  const home = await emptyFolder()
  const undo = await prepareOutputs(join(home, 'a', 'b'))
  await undo()
  expect(await readdir(home)).toEqual([])
  const [first, second] = [await prepareOutputs(join(home, 'a', 'b')), await prepareOutputs(join(home, 'a', 'c'))]
  await first()
  expect(await readdir(join(home, 'a'))).toEqual(['c'])
  await second()
  await (
    await prepareOutputs(home)
  )()
  expect(await readdir(home)).toEqual(['a'])
})

test('the result files replace the files of an earlier run', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'report.json'), 'old')
  expect(await writeOutputs(folder, files)).toEqual(Object.keys(files).map((name) => join(folder, name)))
  expect((await readdir(folder)).toSorted()).toEqual(['report.html', 'report.json', 'stats.csv'])
  expect(await readFile(join(folder, 'report.json'), 'utf8')).toBe('{}')
})

test('the profiles and samples of an earlier run are removed, because they do not belong to the new report', async () => {
  const folder = await emptyFolder()
  const own = ['worker-0.cpuprofile', 'worker-0-1.cpuprofile', 'worker-12.samples.ndjson']
  for (const name of [...own, 'worker-notes.txt', 'worker-0.cpuprofile.gz']) await writeFile(join(folder, name), 'old')
  await writeOutputs(folder, { ...files, 'worker-0.cpuprofile': 'new' })
  expect((await readdir(folder)).toSorted()).toEqual(
    [...Object.keys(files), 'worker-0.cpuprofile', 'worker-0.cpuprofile.gz', 'worker-notes.txt'].toSorted(),
  )
  expect(await readFile(join(folder, 'worker-0.cpuprofile'), 'utf8')).toBe('new')
})

test.each([
  ['that is a file', 'file', 'a file with this name exists where a folder is needed'],
  ['that goes through a file', 'file/out', 'a part of the path is a file, not a folder'],
  ['with a name that is too long', 'n'.repeat(300), 'the name is too long'],
  ['that leads through a link to itself', 'loop/out', 'the path leads through too many links'],
  ['with a folder in the place of a result file', 'taken', 'report.json in it is a folder'],
])(
  'an output path %s is refused with exit code 104, by the two checks checkOut and prepareOutputs',
  async (_, out, cause) => {
    const cwd = await emptyFolder()
    await writeFile(join(cwd, 'file'), '')
    await symlink('loop', join(cwd, 'loop'))
    await mkdir(join(cwd, 'taken', 'report.json'), { recursive: true })
    const before = await readdir(cwd)
    for (const refuse of [async () => checkOut({ cwd, out }), async () => prepareOutputs(join(cwd, out))]) {
      const error = await refuse().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(BurstError)
      expect(error).toMatchObject({
        exitCode: 104,
        message: `cannot write results to ${join(cwd, out)}: ${cause}`,
        hint: 'choose another folder with --out',
      })
    }
    expect(await readdir(cwd)).toEqual(before)
  },
)

test.skipIf(process.getuid?.() === 0)('a folder without write permission is refused with exit code 104', async () => {
  const cwd = await emptyFolder()
  await chmod(cwd, 0o500)
  const refusal = { exitCode: 104, message: expect.stringMatching(/: permission denied$/) as string }
  await expect(checkOut({ cwd, out: 'a/b' })).rejects.toMatchObject(refusal)
  await expect(prepareOutputs(join(cwd, 'a', 'b'))).rejects.toMatchObject(refusal)
})

test('the check of a valid output path does not create a file or a folder', async () => {
  const cwd = await emptyFolder()
  await checkOut({ cwd, out: undefined })
  await checkOut({ cwd, out: 'a/b' })
  await checkOut({ cwd, out: '.' })
  expect(await readdir(cwd)).toEqual([])
})

test('if one result file cannot be written, no result file appears and no partial file remains', async () => {
  const folder = await emptyFolder()
  const big = { ...files, 'report.html': 'x'.repeat(3_000_000) }
  const outputs = new URL('../../../../cli/run/outputs/result-files.ts', import.meta.url).href
  const program = `
    const { writeOutputs } = await import(${JSON.stringify(outputs)})
    const files = JSON.parse(process.env.FILES_SHAPE).map(([name, size]) => [name, 'x'.repeat(size)])
    await writeOutputs(${JSON.stringify(folder)}, Object.fromEntries(files)).catch((error) => {
      console.log(error.message)
      process.exitCode = error.exitCode
    })`
  const shape = JSON.stringify(Object.entries(big).map(([name, text]) => [name, text.length]))
  // A limit of 1 MB per file has the same effect as a full disk or a quota.
  const ended = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(
      'bash',
      ['-c', 'ulimit -f 1024; exec "$NODE" --input-type=module -e "$PROGRAM"'],
      { env: { ...process.env, NODE: process.execPath, PROGRAM: program, FILES_SHAPE: shape } },
      (error, stdout) => resolve({ code: error?.code, said: stdout.trim() }),
    )
  })
  expect(ended).toEqual({
    code: 97,
    said: `cannot write results to ${folder}: the file would exceed the maximum size of a file`,
  })
  expect(await readdir(folder)).toEqual([])
})

function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'burst-outputs-'))
}
