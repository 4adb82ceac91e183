import { appendFileSync } from 'node:fs'
import { whenParentsEnd } from '../../../cli/ending/parents.ts'

// Writes to the file it is given: `ready` with its process, then `alone` when a process that waits for it is gone. Ends after a minute.
const file = process.argv[2] as string
whenParentsEnd(() => {
  appendFileSync(file, 'alone\n')
  process.exit()
})
appendFileSync(file, `ready ${process.pid}\n`)
setTimeout(() => process.exit(), 60_000)
