import type { Module } from './frame.ts'

type Known =
  | 'members'
  | 'asyncs'
  | 'responders'
  | 'metrics'
  | 'feeds'
  | 'facts'
  | 'checks'
  | 'hooked'
  | 'lost'
  | 'defaults'
  | 'classes'
  | 'userClasses'
  | 'instances'
  | 'methods'
  | 'asyncMethods'
  | 'classUses'
  | 'hostFields'

/** Returns the parts of a module that are empty until the script is analysed. */
export function nothingKnown(): Pick<Module, Known> {
  return {
    members: new Set(),
    asyncs: new Set(),
    responders: new Set(),
    metrics: new Map(),
    feeds: new Map(),
    facts: [],
    checks: new Map(),
    hooked: new Set(),
    lost: new Set(),
    defaults: { redirects: null },
    classes: new Map(),
    userClasses: new Set(),
    instances: new Set(),
    methods: new Set(),
    asyncMethods: new Set(),
    classUses: new Set(),
    hostFields: new Map(),
  }
}
