import { anchorNow } from '../../../functions/clock.ts'
import { Children } from '../../../cli/embedded/processes/children.ts'
import { FileStore } from '../../../cli/embedded/file-store.ts'

// Starts two workers in the given folder: one worker never finishes, and the other worker is blocked in a system call. Then waits until the test
// kills this process.
const store = new FileStore(process.argv[2] as string)
const children = new Children(
  {
    store,
    queue: { send: async () => undefined },
    build: 'b',
    anchor: anchorNow(),
    stages: new URL('tiny-stages.ts', import.meta.url).href,
    log: () => undefined,
    print: () => undefined,
  },
  () => undefined,
)
for (const act of ['endless', 'stuck']) await children.invoke('worker', { run: 'r', act })
