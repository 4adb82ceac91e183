import { appendFileSync } from 'node:fs'
import { whenParentsEnd } from '../../../cli/ending/parents.ts'

// Writes to the given file: `ready` with its process id, then `alone` when a process that waits for it has ended. Ends after a minute.
const file = process.argv[2] as string
whenParentsEnd(() => {
  appendFileSync(file, 'alone\n')
  process.exit()
})
appendFileSync(file, `ready ${process.pid}\n`)
setTimeout(() => process.exit(), 60_000)
