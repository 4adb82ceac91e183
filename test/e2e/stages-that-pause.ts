import { stages as own } from '../../cli/embedded/processes/stage-handlers.ts'

/** While this object is in the store, the reducer of the run is down. */
export const reducerDown = 'runs/e2e/reducer-down'

/** The stages of burst, with a reducer that the test can take down. */
export const stages: typeof own = {
  ...own,
  merge: async (event, env) => {
    if (await env.store.get(reducerDown)) throw new Error('the reducer is down')
    return own.merge(event, env)
  },
}
