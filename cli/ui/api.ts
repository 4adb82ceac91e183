import * as v from 'valibot'
import { BurstError, invalidInput } from '../../core/errors.ts'
import type { RunList, UiSetup } from '../../core/report/live/ui-protocol.ts'
import { askToStop, knownRun } from '../local-runs/run-folder.ts'
import { Refused, bodyAs, fieldError, openEvents, refused, sendEvent, sendJson } from './serving/answers.ts'
import { download } from './runs/run-files.ts'
import { type StartForm, accountIn, asFieldErrors, formIn, optionsIn } from './start-form.ts'
import { sendMetrics } from '../run/metrics/endpoint.ts'
import { MetricsOfRuns } from './runs/run-metrics.ts'
import { LiveRun } from './runs/live-run.ts'
import { takeStep } from './runs/pause.ts'
import { scale } from './runs/scale.ts'
import type { Call, Route } from './serving/routes.ts'
import { type Workshop, watchedRun } from './workshop.ts'

const fileBody = v.strictObject({ file: v.pipe(v.string(), v.maxLength(1000)) })
/** If a person stops a run in the page, the report shows this reason. */
const stopReason = 'the page of burst ui'
const stopBody = v.strictObject({ now: v.optional(v.boolean(), false) })

/** Returns the API of the page. */
export function apiRoutes(shop: Workshop): Route[] {
  const { planner } = shop
  const live = new LiveRuns(shop)
  const metrics = new MetricsOfRuns(shop, async () => (await runsOf(shop)).runs)
  return [
    { method: 'GET', path: '/api/setup', answer: async ({ response }) => sendJson(response, 200, await setupOf(shop)) },
    {
      method: 'POST',
      path: '/api/scenario',
      answer: async ({ body, response }) =>
        sendJson(response, 200, await orErrors(planner.describe(bodyAs(fileBody, body).file))),
    },
    {
      method: 'POST',
      path: '/api/plan',
      answer: async ({ body, response }) => sendJson(response, 200, await orErrors(planner.plan(formIn(body)))),
    },
    {
      method: 'GET',
      path: '/api/runs',
      answer: async ({ response }) => sendJson(response, 200, await runsOf(shop)),
    },
    { method: 'GET', path: '/metrics', answer: async ({ response }) => sendMetrics(response, await metrics.measure()) },
    { method: 'POST', path: '/api/runs', answer: async (call) => start(shop, call) },
    { method: 'GET', path: '/api/runs/:run/stream', answer: async (call) => live.stream(call) },
    { method: 'POST', path: '/api/runs/:run/stop', answer: async (call) => stop(shop, call) },
    { method: 'POST', path: '/api/runs/:run/scale', answer: async (call) => scale(shop, call) },
    { method: 'POST', path: '/api/runs/:run/pause', answer: async (call) => takeStep('pause', shop, call) },
    { method: 'POST', path: '/api/runs/:run/continue', answer: async (call) => takeStep('continue', shop, call) },
    { method: 'GET', path: '/api/runs/:run/files/:file', answer: async (call) => download(shop, call) },
  ]
}

/**
 * If a form is incomplete or wrong, returns its errors. The page then receives the errors with status 200, because the request itself has not failed.
 */
async function orErrors<T>(looking: Promise<T>): Promise<T | Pick<Refused, 'errors'>> {
  try {
    return await looking
  } catch (error) {
    if (error instanceof Refused && error.status === 422) return { errors: error.errors }
    throw error
  }
}

async function setupOf({ planner, cloud, mayStart }: Workshop): Promise<UiSetup> {
  const places: UiSetup['places'] = [{ key: 'local', name: 'this machine' }]
  if (cloud) places.push({ key: 'aws', name: cloud.name })
  return { scenarios: mayStart ? await planner.scenarios() : [], places, mayStart }
}

/** Returns the runs of this machine, and the runs of the stack. Omits a run of the stack if its files are on this machine. */
async function runsOf({ catalogue, cloud }: Workshop): Promise<RunList> {
  const [here, there] = await Promise.all([catalogue.list(), cloud?.list()])
  const known = new Set(here.runs.map(({ run }) => run))
  const others = there?.runs.filter(({ run }) => !known.has(run)) ?? []
  const runs = [...here.runs, ...others].toSorted((a, b) => b.startedAt - a.startedAt)
  return { ...here, runs, ...(there?.problem && { problem: fieldError('where', there.problem) }) }
}

async function start(shop: Workshop, { body, response }: Call): Promise<void> {
  if (!shop.mayStart) throw refused(403, 'this page only shows runs: start burst ui in the folder of a scenario')
  const form = formIn(body)
  try {
    sendJson(response, 201, { run: await startOf(shop, form) })
  } catch (error) {
    throw asFieldErrors(error, isOfFile(error) ? 'file' : form.where === 'aws' ? 'where' : 'form')
  }
}

async function startOf({ planner, own, cloud, options: more }: Workshop, form: StartForm): Promise<string> {
  const options = { ...optionsIn(form), ...more }
  const file = await planner.checked(form.file)
  if (form.where === 'local') return own.start(file, options)
  if (!cloud) throw invalidInput('no stack on AWS is configured here')
  return cloud.start(file, { options, ...(await accountIn(form)) })
}

function isOfFile(error: unknown): boolean {
  return error instanceof BurstError && (error.reason === 'scenarioThrew' || error.at !== undefined)
}

async function stop(shop: Workshop, { parts, body, response }: Call): Promise<void> {
  const { run = '' } = parts
  const { now } = bodyAs(stopBody, body)
  const known = await knownRun(run)
  if (known?.active) await askToStop(known, stopReason, now)
  else if (known || !shop.cloud || !(await shop.cloud.stop(run, stopReason, now)))
    throw refused(404, `run ${run} is not in progress`)
  sendJson(response, 202, { run })
}

/** The readers of the runs in progress: one reader for each run, even if several browsers show the run. */
class LiveRuns {
  readonly #shop: Workshop
  readonly #live = new Map<string, LiveRun>()

  constructor(shop: Workshop) {
    this.#shop = shop
  }

  async stream({ parts, response }: Call): Promise<void> {
    const { run = '' } = parts
    const { catalogue } = this.#shop
    if ((await catalogue.file(run, 'report.json')) !== undefined && !this.#live.has(run)) {
      openEvents(response)
      sendEvent(response, 'over', { run })
      return void response.end()
    }
    const watched = this.#live.has(run) ? undefined : await watchedRun(this.#shop, run)
    let live = this.#live.get(run)
    if (!live && watched) this.#live.set(run, (live = new LiveRun(watched, () => this.#live.delete(run))))
    if (!live) throw refused(404, `there is no run '${run}'`)
    live.join(response)
  }
}
