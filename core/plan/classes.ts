import { invalidInput } from '../errors.ts'
import { grouped } from '../words.ts'
import type { Locate } from './locate.ts'
import type { RunOptions } from './options.ts'
import { type PlannedClass, assignClasses } from './plan.ts'
import type { ClassDescription, FeedDescription, ScenarioDescription } from '../authoring/description.ts'

/**
 * Returns the classes and tasks that remain after `--weight`, `--tags` and `--exclude-tags`.
 * @throws BurstError (104) when no class or no task is left, when a weight names an unknown class, or when a weight above 0 names a class with a
 * fixed count
 */
export function chosenClasses(all: readonly ClassDescription[], options: RunOptions): PlannedClass[] {
  return keepTagged(weighed(all, options.weights ?? {}), options)
}

/**
 * Replaces the weight of each class that `weights` contains. If the new weight is 0, removes the class.
 * @throws BurstError (104) when no class is left, when a weight names an unknown class, or when a weight above 0 names a class with a fixed count
 */
function weighed(classes: readonly ClassDescription[], weights: Record<string, number>): ClassDescription[] {
  for (const [name, weight] of Object.entries(weights)) checkWeight(classes, name, weight)
  const weightOf = (name: string): number | undefined => (Object.hasOwn(weights, name) ? weights[name] : undefined)
  const kept = classes.filter(({ name }) => weightOf(name) !== 0)
  if (kept.length === 0)
    throw invalidInput('no user class is left to run', { hint: 'give one of the classes a weight above 0' })
  return kept.map((one) => ({ ...one, weight: weightOf(one.name) ?? one.weight }))
}

function checkWeight(classes: readonly ClassDescription[], name: string, weight: number): void {
  const named = classes.find((one) => one.name === name)
  if (!named) {
    throw invalidInput(`--weight names a class '${name}', which the scenario does not have`, {
      hint: `its classes are ${classes.map((one) => one.name).join(', ')}`,
    })
  }
  if (weight === 0 || named.count === null) return
  throw invalidInput(`--weight names class ${name}, but the class has a static count`, {
    hint: `to exclude the class, write --weight ${name}=0`,
  })
}

/**
 * Returns the classes and tasks that remain after `--tags` and `--exclude-tags`.
 * @throws BurstError (104) when no task is left; the error lists the tags of the scenario
 */
function keepTagged(classes: readonly ClassDescription[], { tags, excludeTags }: RunOptions): PlannedClass[] {
  const wanted = (task: { tags: string[] }): boolean =>
    (tags.length === 0 || task.tags.some((tag) => tags.includes(tag))) &&
    !task.tags.some((tag) => excludeTags.includes(tag))
  const kept = classes
    .map((one) => ({ ...one, tasks: one.tasks.filter(wanted) }))
    .filter((one) => one.tasks.some((task) => task.weight > 0))
  if (kept.some((one) => one.weight > 0 || (one.count ?? 0) > 0)) return kept
  const known = [...new Set(classes.flatMap((one) => one.tasks.flatMap((task) => task.tags)))].toSorted()
  throw invalidInput('--tags and --exclude-tags leave no task to run', {
    hint:
      known.length === 0 ? 'no task of this scenario has a tag' : `the tags of this scenario are ${known.join(', ')}`,
  })
}

/**
 * Checks the fixed counts of the classes against the load.
 * @throws BurstError (104) when the fixed counts add up to more than the number of users; also when they add up to less, and no class without a fixed
 * count has a weight above 0
 */
export function checkCounts(classes: readonly PlannedClass[], users: number, locate: Locate = nowhere): void {
  const fixed = classes.reduce((sum, one) => sum + (one.count ?? 0), 0)
  if (fixed > users) throw tooManyFixed(classes, { fixed, users }, locate)
  if (fixed === users || classes.some((one) => one.count === null && one.weight > 0)) return
  const [counts, load] = [grouped(fixed), grouped(users)]
  throw invalidInput(`the fixed counts of all classes add up to ${counts}, but the number of users is ${load}`, {
    hint: 'remove the static count from one class, or use fewer users',
    ...countOf(classes, locate),
  })
}

const nowhere: Locate = () => undefined

/** Returns the location of the `static count` of the first class with a fixed count; an empty object if the location is unknown. */
function countOf(classes: readonly PlannedClass[], locate: Locate): { at?: string } {
  const first = classes.find((one) => one.count !== null)
  const at = first && locate('static count', `class ${first.name}`)
  return at === undefined ? {} : { at }
}

function tooManyFixed(
  classes: readonly PlannedClass[],
  { fixed, users }: { fixed: number; users: number },
  locate: Locate,
): Error {
  const counted = classes.filter((one) => one.count !== null)
  const whose = counted.map((one) => `class ${one.name}`).join(' and ')
  const load = users === 1 ? '1 user' : `${grouped(users)} users`
  return invalidInput(
    `${counted.length > 1 ? `the static counts of ${whose} add up to` : `static count of ${whose} is`} ${grouped(fixed)}, but the load is ${load}`,
    {
      hint: 'use more users, or a smaller static count',
      ...countOf(classes, locate),
    },
  )
}

/**
 * Checks the classes of a scenario with arrivals.
 * @throws BurstError (104) when a class has a fixed count, because the class of an arrival is drawn by weight
 */
export function checkNoCounts(classes: readonly PlannedClass[], locate: Locate = nowhere): void {
  const fixed = classes.find((one) => one.count !== null)
  if (!fixed) return
  throw invalidInput(`class ${fixed.name} has a static count, but burst draws the class of each arrival by weight`, {
    hint: 'write static weight instead of static count',
    ...countOf(classes, locate),
  })
}

/**
 * Checks that each `unique()` feed names only classes of the scenario. Also checks that each `unique()` feed without `recycle` has enough rows: one
 * row for each planned user that certainly draws from the feed.
 * @param users the number of users; undefined with arrivals, because the number of rows is not checked for arrivals
 * @throws BurstError (104) when a `unique()` feed names an unknown class or certainly has too few rows
 */
export function checkFeeds(
  { feeds, classes: all }: ScenarioDescription,
  classes: readonly PlannedClass[],
  users: number | undefined,
  locate: Locate = nowhere,
): void {
  for (const feed of feeds) {
    if (feed.mode !== 'unique') continue
    const at = locate(feed.path)
    const place = at === undefined ? {} : { at }
    const unknown = feed.users.find((name) => !all.some((one) => one.name === name))
    if (unknown !== undefined)
      throw invalidInput(
        `unique() of ${feed.path} names class '${unknown}', but 'users' of scenario() does not contain it`,
        place,
      )
    if (users !== undefined) checkRows(feed, usersOf(feed, classes, users), place)
  }
}

function checkRows(feed: FeedDescription, drawing: number, place: { at?: string }): void {
  if (feed.recycle || drawing <= feed.rows) return
  throw invalidInput(`${feed.path} has ${grouped(feed.rows)} rows, but ${grouped(drawing)} users each need a row`, {
    hint: 'add rows, use fewer users, or unique({ recycle: true })',
    ...place,
  })
}

/**
 * Returns the number of users that certainly draw from a feed. Returns 0 if the feed does not name a class and the scenario has several classes,
 * because burst then does not know which users draw.
 */
function usersOf(feed: FeedDescription, classes: readonly PlannedClass[], users: number): number {
  if (feed.users.length === 0) return classes.length === 1 ? users : 0
  const assigned = assignClasses(classes, users)
  return assigned.reduce((sum, index) => sum + (feed.users.includes(classes[index]?.name ?? '') ? 1 : 0), 0)
}
