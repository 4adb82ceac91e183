import { join } from 'node:path'
import { buildPage } from '../build/page.ts'

/** Builds the browser program before the tests, so that the tests do not use a program from older sources. */
export default async function setup(): Promise<void> {
  const root = join(import.meta.dirname, '..')
  await buildPage(root, join(root, 'dist/page'))
}
