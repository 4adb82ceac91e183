// Prints every failure in vitest's JSON results, one paragraph each: the title of a failed test and the first lines of its error, or a file
// that did not load or whose process ended. The last line is `<passed> <failed>`; a file that did not load or whose process ended counts as
// one failure. With `--ended`, prints only the files whose process ended, one per line. If several results contain the same file, the last
// one counts. Usage: node failed-tests.mjs [--ended] results.json [again.json]
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const errorLines = 3

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
      `    its process ended before ${waiting.length} of its tests had a result; the first of these is: ${first}`,
    ])
  }
  if (status === 'failed' && failed.length === 0) troubles.push([`✗ ${file}`, ...firstLines(message)])
  return troubles
}

const [onlyEnded, ...paths] = process.argv[2] === '--ended' ? process.argv.slice(2) : ['', ...process.argv.slice(2)]
const files = new Map()
for (const path of paths) {
  for (const file of JSON.parse(readFileSync(path, 'utf8')).testResults) files.set(file.name, file)
}
const results = [...files.values()]
if (onlyEnded) {
  const ended = results.filter(({ assertionResults }) => assertionResults.some((one) => one.status === 'pending'))
  for (const { name } of ended) process.stdout.write(`${relative(process.cwd(), name)}\n`)
} else {
  const troubles = results.flatMap(troublesOf)
  const passed = results.flatMap((file) => file.assertionResults).filter((one) => one.status === 'passed').length
  for (const lines of troubles) process.stdout.write(`${lines.join('\n')}\n`)
  process.stdout.write(`${passed} ${troubles.length}\n`)
}
