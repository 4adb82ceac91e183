import { Children } from '../../../cli/embedded/processes/children.ts'
import { FileStore } from '../../../cli/embedded/file-store.ts'

// Starts one endless worker and one that is stuck in a call, in the given folder, and waits to be killed.
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
for (const act of ['endless', 'stuck']) await children.invoke('worker', { run: 'r', act })
