import type { BundleOptions } from '../bundle/bundle.ts'

/** Where the scenarios of the page are, their `process.env`, and the folder whose files travel with them (`--files`). */
export type ScenarioPlace = Pick<BundleOptions, 'cwd' | 'environment' | 'filesFolder'>
