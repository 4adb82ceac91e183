import type { BundleOptions } from '../bundle/bundle.ts'

/** The folder of the scenarios that the page offers, their `process.env`, and the folder whose files burst copies to the workers (`--files`). */
export type ScenarioPlace = Pick<BundleOptions, 'cwd' | 'environment' | 'filesFolder'>
