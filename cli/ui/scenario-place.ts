import type { BundleOptions } from '../bundle/bundle.ts'

/** The folder of the page's scenarios, their `process.env`, and the folder with files that are copied to the workers (`--files`). */
export type ScenarioPlace = Pick<BundleOptions, 'cwd' | 'environment' | 'filesFolder'>
