import * as v from 'valibot'
import { BurstError } from '../../core/errors.ts'
import { byKey } from '../../core/input/bounds.ts'
import type { RunOptions } from '../../core/plan/options.ts'
import type { Share } from '../aws/capacity.ts'
import { type RunFlags, budget, runOptions } from '../flags/run-options.ts'
import { Refused, bodyAs, fieldError, fieldErrorsOf } from './serving/answers.ts'

const text = v.optional(v.pipe(v.string(), v.maxLength(2000)), '')
const formSchema = v.strictObject({
  file: v.pipe(v.string(), v.maxLength(1000)),
  where: v.optional(v.picklist(['local', 'aws']), 'local'),
  users: text,
  spawnRate: text,
  rate: text,
  runTime: text,
  host: text,
  workers: text,
  tags: text,
  excludeTags: text,
  /** The variables: one `key=value` per line. */
  vars: text,
  name: text,
  seed: text,
  /** The maximum cost of a run on AWS in US dollars; '' means the budget of the scenario. */
  budget: text,
  /** The number of concurrent executions that a run on AWS may use; '' means half of the free concurrency. */
  takeConcurrency: text,
  /** `true` to reduce a run on AWS that needs too much concurrency. burst then plans fewer workers and, if necessary, fewer users. */
  fit: v.optional(v.boolean(), false),
  /** The weight of each class as typed; '' means the weight in the file, and 0 excludes the class. */
  weights: v.optional(byKey(v.pipe(v.string(), v.maxLength(200)), v.pipe(v.string(), v.maxLength(40))), {}),
})

/** The form for a new run, with the values that a person typed. */
export type StartForm = v.InferOutput<typeof formSchema>

/**
 * Validates the body of a request as a form.
 * @throws Refused (400) when the form is not valid
 */
export function formIn(body: unknown): StartForm {
  return bodyAs(formSchema, body, 'form')
}

/** The form fields whose trimmed text becomes the value of the flag with the same name. */
const plain = ['users', 'spawnRate', 'rate', 'runTime', 'host', 'workers', 'name', 'seed'] as const

/**
 * Returns the options of the run from the form. Checks them with the rules of the command line.
 * @throws Refused (422) with the first error of each wrong field, or with one error for a wrong combination of fields
 */
export function optionsIn(form: StartForm): RunOptions {
  const errors = Object.entries(flagsByField(form)).flatMap(([field, flags]) =>
    fieldErrorsOf(field, () => runOptions(flags)),
  )
  if (errors.length > 0) throw new Refused(422, errors)
  try {
    return runOptions(Object.assign({}, ...Object.values(flagsByField(form))) as RunFlags)
  } catch (error) {
    throw asFieldErrors(error, 'form')
  }
}

/**
 * Returns the maximum concurrency and the maximum cost of the run. Checks them with the rules of the command line.
 * @throws Refused (422) with an error message for the first wrong field
 */
export async function accountIn(form: StartForm): Promise<{ share: Share; budgetUsd: number | undefined }> {
  const { takenConcurrency } = await import('../aws/capacity.ts')
  const typed = (text: string): string | undefined => text.trim() || undefined
  try {
    const share = { fit: form.fit, take: takenConcurrency(typed(form.takeConcurrency)) }
    return { share, budgetUsd: budget(typed(form.budget)) }
  } catch (error) {
    throw asFieldErrors(error, 'form')
  }
}

function flagsByField(form: StartForm): Record<string, RunFlags> {
  const given = plain.filter((field) => form[field].trim() !== '')
  const weights = Object.entries(form.weights).filter(([, weight]) => weight.trim() !== '')
  return {
    ...Object.fromEntries(given.map((field) => [field, { [field]: form[field].trim() }])),
    tags: { tags: [form.tags] },
    excludeTags: { excludeTags: [form.excludeTags] },
    vars: { var: linesOf(form.vars) },
    weights: weights.length === 0 ? {} : { weight: weights.map(([name, weight]) => `${name}=${weight.trim()}`) },
  }
}

function linesOf(lines: string): string[] {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Pairs of a pattern and a field. If a pattern matches the start of a message of the planner, the message belongs to this field of the form. */
const subjects: [begin: RegExp, field: string][] = [
  [/^(?:--users|-u|users) /, 'users'],
  [/^(?:--spawn-rate|-r) /, 'spawnRate'],
  [/^--rate /, 'rate'],
  [/^(?:--run-time|-t|the run has no end|the run is longer)/, 'runTime'],
  [/^(?:host |there is no host|this stack may not load-test)/, 'host'],
  [/^(?:--workers|\d+ users would need|the run needs [\d,]+ workers)/, 'workers'],
  [/^(?:--weight|every user class|static count|every class)/, 'weights'],
  [/^--tags and/, 'tags'],
  [/^(?:--budget|the run would cost)/, 'budget'],
  [/^(?:--take-concurrency|the run needs [\d,]+ concurrent|the run cannot start even one worker)/, 'takeConcurrency'],
]

/**
 * Converts a BurstError to a Refused (422) that assigns the error to a field of the form. Returns other errors unchanged.
 * @param otherwise the field of an error whose message matches no pattern in `subjects`
 */
export function asFieldErrors(error: unknown, otherwise: string): unknown {
  if (!(error instanceof BurstError)) return error
  const field = subjects.find(([begin]) => begin.test(error.message))?.[1] ?? otherwise
  return new Refused(422, [fieldError(field, error)])
}
