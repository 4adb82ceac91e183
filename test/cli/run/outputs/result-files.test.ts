import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { prepareOutputs, writeOutputs } from '../../../../cli/run/outputs/result-files.ts'
import { BurstError } from '../../../../core/errors.ts'

const files = { 'report.json': '{}', 'report.html': '<p>', 'stats.csv': 'a,b' }

test('a missing output folder is created, and the check that the folder is writable leaves no file behind', async () => {
  const folder = join(await emptyFolder(), 'a', 'b')
  await prepareOutputs(folder)
  expect(await readdir(folder)).toEqual([])
})

test('empty folders that were created for a run are removed if the run does not begin', async () => {
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

test('an output path that goes through a file is refused with exit code 97 before the run starts', async () => {
  const file = join(await emptyFolder(), 'file')
  await writeFile(file, '')
  const error = await prepareOutputs(join(file, 'out')).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BurstError)
  expect(error).toMatchObject({
    exitCode: 97,
    message: `cannot write results to ${join(file, 'out')}: a part of the path is a file, not a folder`,
    hint: 'choose another folder with --out',
  })
})

test('an output folder is refused if a file with the same name exists', async () => {
  const file = join(await emptyFolder(), 'file')
  await writeFile(file, '')
  await expect(prepareOutputs(file)).rejects.toThrow('a file with this name exists where a folder is needed')
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
