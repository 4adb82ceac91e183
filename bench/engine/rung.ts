import { serveParent } from '../../test/targets/child.ts'
import { type RungOptions, rungs } from './rungs.ts'

/** Runs one rung of the ladder until the parent process stops the rung. */
await serveParent(async (given) => {
  const options = given as RungOptions
  const rung = rungs.find(({ name }) => name === options.rung)
  if (!rung) throw new Error(`the ladder has no rung ${options.rung}`)
  const running = Promise.resolve(rung.run(options))
  return { origin: options.origin, close: async () => void (options.rung === 'worker' && (await running)) }
})
