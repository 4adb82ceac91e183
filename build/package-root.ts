import { createRequire } from 'node:module'
import { dirname } from 'node:path'

/** The folder of burst's own package. This code may run from its sources or from `dist`. */
export const packageRoot = dirname(createRequire(import.meta.url).resolve('burst/package.json'))
