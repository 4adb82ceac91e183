import { withoutUserinfo } from '../../../core/hosts/userinfo.ts'
import type { RunEntry, UiSetup } from '../../../core/report/live/ui-protocol.ts'
import type { Report } from '../../../core/report/report.ts'
import { Refusal } from '../calls.ts'
import { savedReport } from '../running/reading.ts'
import { type Filled, emptyForm } from './form.ts'
import { factsOf } from './planning.ts'

/**
 * Returns the form for a new run, filled in from the report of an earlier run. A field stays empty if the report does not contain its value. For an
 * empty field, the value in the scenario file applies.
 * @param typed the host that the form contains now
 * @throws Refusal when the report cannot be read, or its scenario is not in the folder
 */
export async function formLike(
  { run, where }: RunEntry,
  { scenarios, places }: UiSetup,
  typed: string,
): Promise<Filled> {
  const { run: facts } = await savedReport(run)
  const file = scenarios.find((one) => one === facts.scenario.replace(/^\.\//, ''))
  if (file === undefined) {
    const message = `the scenario ${facts.scenario} of this run is not among the scenarios of this page`
    throw new Refusal([{ field: 'form', message }])
  }
  return {
    ...emptyForm,
    file,
    where: places.some(({ key }) => key === where) ? where : 'local',
    host: await hostLike(facts.host, { file, typed }),
    workers: String(facts.workers),
    ...loadOf(facts.plan),
    ...tagsOf(facts.plan.words),
  }
}

/**
 * Returns the host for the form. A report contains the host without its user name and password, so credentials can come only from the form or from
 * the scenario file. If the form already contains the host of the run, with or without credentials, the form keeps its host. If the scenario file
 * contains the host of the run, the field stays empty, so that the host in the file applies, with its credentials.
 */
async function hostLike(host: string, { file, typed }: { file: string; typed: string }): Promise<string> {
  if (bare(typed) === host) return typed
  const own = await factsOf(file).catch(() => undefined)
  return own && bare(own.host) === host ? '' : host
}

/** Returns a host as a report contains it: without credentials and without a slash at the end. Returns '' if the string is not a URL. */
function bare(host: string): string {
  const url = URL.canParse(host) ? new URL(host) : undefined
  return url ? withoutUserinfo(url.href).replace(/\/+$/, '') : ''
}

/** Returns the load of a run that has one spawn rate. For any other load, the fields stay empty, so that the load in the scenario file applies. */
function loadOf({ model, users, durationMs, spawnRate }: Report['run']['plan']): Partial<Filled> {
  if (model !== 'users' || spawnRate === undefined) return {}
  return {
    users: String(users),
    spawnRate: String(Number(spawnRate.toPrecision(6))),
    runTime: durationMs === null ? '' : `${durationMs / 1000}s`,
  }
}

function tagsOf(words: readonly string[]): Pick<Filled, 'tags' | 'excludeTags'> {
  const tagged = (begin: string): string => {
    const sentence = words.find((one) => one.startsWith(begin)) ?? begin
    return sentence.slice(begin.length).split(' or ').join(', ')
  }
  return { tags: tagged('only tasks tagged '), excludeTags: tagged('without tasks tagged ') }
}
