import { stages as own } from '../../cli/embedded/processes/stage-handlers.ts'

/** While this object is in the run's store, its reducer is down. */
export const reducerDown = 'runs/e2e/reducer-down'

/** burst's own stages, with a reducer that can be down. */
export const stages: typeof own = {
  ...own,
  merge: async (event, env) => {
    if (await env.store.get(reducerDown)) throw new Error('the reducer is down')
    return own.merge(event, env)
  },
}
