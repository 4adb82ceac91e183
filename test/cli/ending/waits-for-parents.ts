import { appendFileSync } from 'node:fs'
import { whenParentsEnd } from '../../../cli/ending/parents.ts'

// Writes `ready` and the process id to the given file. If a parent process waits for this process, and then ends, this process writes `alone` and
// exits. In any case, this process exits after a minute.
const file = process.argv[2] as string
whenParentsEnd(() => {
  appendFileSync(file, 'alone\n')
  process.exit()
})
appendFileSync(file, `ready ${process.pid}\n`)
setTimeout(() => process.exit(), 60_000)
