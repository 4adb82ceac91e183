import { Children } from '../../../cli/embedded/children.ts'
import { FileStore } from '../../../cli/embedded/file-store.ts'

// Starts two endless workers over the folder it is given and waits to be killed.
const store = new FileStore(process.argv[2] as string)
const children = new Children(
  {
    store,
    queue: { send: async () => undefined },
    build: 'b',
    stages: new URL('tiny-stages.ts', import.meta.url).href,
    log: () => undefined,
    print: () => undefined,
  },
  () => undefined,
)
for (const slice of [0, 1]) await children.invoke('worker', { run: 'r', slice, act: 'endless' })
