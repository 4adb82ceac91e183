import { type OutputFile, keys, outputFiles } from '../../functions/keys.ts'
import type { Store } from '../../functions/ports.ts'

/** The files of a run's report that are in its store, by name. */
export async function outputsOf(store: Store, run: string): Promise<Record<string, string>> {
  const read = async (file: OutputFile): Promise<[string, string][]> => {
    const stored = await store.get(keys.output(run, file))
    return stored ? [[file, stored.body]] : []
  }
  return Object.fromEntries((await Promise.all(outputFiles.map(read))).flat())
}

/** CPU profiles of a run's workers, by file name: `worker-0.cpuprofile`, and `worker-0-1.cpuprofile` for the successor of worker 0. */
export async function profilesOf(store: Store, run: string): Promise<Record<string, string>> {
  const prefix = keys.profiles(run)
  const read = async (key: string): Promise<[string, string]> => {
    const name = key.slice(prefix.length).replace(/-0$/, '')
    return [`worker-${name}.cpuprofile`, (await store.get(key))?.body ?? '']
  }
  return Object.fromEntries(await Promise.all((await store.list(prefix)).map(read)))
}
