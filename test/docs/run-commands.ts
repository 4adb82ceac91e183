// Runs commands of burst one after another in one process, because starting a process takes longer than most commands. The argument of this program
// is JSON: a list of lists of arguments. The program prints a line of JSON for each command.
import { main } from '../../cli/main.ts'

const commands = JSON.parse(process.argv[2] ?? '[]') as string[][]
const print = process.stdout.write.bind(process.stdout)
for (const args of commands) {
  let said = ''
  const keep = (text: string | Uint8Array): boolean => {
    said += String(text)
    return true
  }
  process.stdout.write = keep
  process.stderr.write = keep
  const code = await main(args)
  print(`${JSON.stringify({ code, said })}\n`)
}
process.exit()
