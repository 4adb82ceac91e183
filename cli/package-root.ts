import { createRequire } from 'node:module'
import { dirname } from 'node:path'

const require = createRequire(import.meta.url)

/** The folder of burst's own package, whether this code runs from its sources or from `dist`. */
export const packageRoot = dirname(require.resolve('burst/package.json'))

/** burst's version. */
export const { version } = require('burst/package.json') as { version: string }
