// Prints the failures in vitest's JSON results, one paragraph each. There are four kinds of failures: a failed test (its title and the first lines of
// its error), a test file that did not load, a test file whose process ended before all tests of the file had a result, and an unhandled error. The
// last line is `<passed> <failed>`: the number of passed tests and the number of failures. If several results files contain the same test file, this
// program uses only the last result of the test file. The unhandled errors of `results.json` are in `results.json.errors`. Prints the unhandled
// errors of all results files. Omits an unhandled error about the end of a process if the results file already shows that this process ended.
// With `--ended`, prints only the test files whose process ended, one per line.
// Usage: node failed-tests.mjs [--ended] results.json [again.json]
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

const errorLines = 6

/** @param {string} text */
function firstLines(text) {
  // oxlint-disable-next-line no-control-regex -- colours
  const plain = text.replaceAll(/\u001B\[[0-9;]*m/g, '')
  const lines = plain.split('\n').filter((line) => line.trim() !== '' && !/^ +at /.test(line))
  return lines.slice(0, errorLines).map((line) => `    ${line.slice(0, 300)}`)
}

/** The failures of one test file, each as lines of text. */
function troublesOf({ name, status, message, assertionResults }) {
  const file = relative(process.cwd(), name)
  const failed = assertionResults.filter((one) => one.status === 'failed')
  const waiting = assertionResults.filter((one) => one.status === 'pending')
  const troubles = failed.map((one) => {
    const title = [...one.ancestorTitles, one.title].join(' > ')
    return [`✗ ${file} > ${title}`, ...firstLines(one.failureMessages.join('\n'))]
  })
  if (waiting.length > 0) {
    const first = [...waiting[0].ancestorTitles, waiting[0].title].join(' > ')
    troubles.push([
      `✗ ${file}`,
      `    its process ended before ${waiting.length} of its tests had a result; the first of these tests is: ${first}`,
    ])
  }
  if (status === 'failed' && failed.length === 0) troubles.push([`✗ ${file}`, ...firstLines(message)])
  return troubles
}

const hasEnded = ({ assertionResults }) => assertionResults.some((one) => one.status === 'pending')

/** The unhandled errors of one run, each as lines of text. */
function unhandledIn(path, testResults) {
  if (!existsSync(`${path}.errors`)) return []
  const ended = testResults.filter(hasEnded)
  const isShown = ({ message }) =>
    message.includes('Worker exited unexpectedly') && ended.some(({ name }) => message.includes(name))
  const errors = JSON.parse(readFileSync(`${path}.errors`, 'utf8')).filter((one) => !isShown(one))
  return errors.map(({ file, message }) => {
    const where = file ? relative(process.cwd(), file) : 'outside all test files'
    return [`✗ ${where}`, ...firstLines(`unhandled error: ${message}`)]
  })
}

const [onlyEnded, ...paths] = process.argv[2] === '--ended' ? process.argv.slice(2) : ['', ...process.argv.slice(2)]
const files = new Map()
const unhandled = []
for (const path of paths) {
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'))
  for (const file of testResults) files.set(file.name, file)
  unhandled.push(...unhandledIn(path, testResults))
}
const results = [...files.values()]
if (onlyEnded) {
  for (const { name } of results.filter(hasEnded)) process.stdout.write(`${relative(process.cwd(), name)}\n`)
} else {
  const troubles = [...results.flatMap(troublesOf), ...unhandled]
  const passed = results.flatMap((file) => file.assertionResults).filter((one) => one.status === 'passed').length
  for (const lines of troubles) process.stdout.write(`${lines.join('\n')}\n`)
  process.stdout.write(`${passed} ${troubles.length}\n`)
}
