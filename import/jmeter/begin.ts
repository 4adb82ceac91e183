import { Names } from '../scenario/names.ts'
import { valueOf } from './controllers/conditions.ts'
import { lastOk } from './controllers/step.ts'
import type { Plan, ScriptState } from './plan.ts'

export const globals = 'Map Date Array Object Promise HttpUser Blob FormData Math String Number'.split(' ')
/** Names that the generated file may import or declare at its top. Variables of the plan must not get these names. */
const ofFile =
  'csv file hold ramp scenario task randomText drawNormal inRandomOrder headerLines join readFileSync page body response request'.split(
    ' ',
  )

/** Returns the initial state for the import of a plan. */
export function planOf(file: string, text: string, place: { folder: string; prefix: string }): Plan {
  return {
    file,
    lines: text.split('\n'),
    constants: new Map(),
    fields: new Map(),
    columns: new Map(),
    feeds: new Map(),
    lists: new Map(),
    state: new Map(),
    top: [],
    memberNames: new Names(['onStart', 'onStop', 'iteration', lastOk.name]),
    topNames: new Names([...globals, ...ofFile]),
    names: new Names(),
    localNames: new Set(),
    locals: new Map(),
    numeric: new Set(),
    parents: [],
    counts: new Map(),
    resets: [],
    scripts: noScripts(),
    hook: null,
    shared: new Set(),
    dataFiles: new Map(),
    isOpen: false,
    groupName: '',
    samplerName: '',
    evaluate: valueOf,
    lastOk,
    left: 100_000,
    settings: [],
    notes: new Set(),
    told: new Set(),
    modules: new Map(),
    computed: new Map(),
    ...place,
  }
}

function noScripts(): ScriptState {
  return {
    puts: new Map(),
    initial: new Map(),
    methods: new Map(),
    lostPuts: new Set(),
    lostText: '',
    extracted: new Set(),
    nullable: new Set(),
  }
}
