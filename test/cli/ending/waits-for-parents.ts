import { appendFileSync } from 'node:fs'
import { whenParentsEnd } from '../../../cli/ending/parents.ts'

// Writes `ready` and the process id to the given file. When a parent process that waits for this process has ended, writes `alone` and exits. Exits
// after a minute in any case.
const file = process.argv[2] as string
whenParentsEnd(() => {
  appendFileSync(file, 'alone\n')
  process.exit()
})
appendFileSync(file, `ready ${process.pid}\n`)
setTimeout(() => process.exit(), 60_000)
