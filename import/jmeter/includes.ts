import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { decodedText } from '../decoding.ts'
import { type Branch, type Element, branchesOf, readXml, textOf } from './xml.ts'

const mostBytes = 32 * 1024 * 1024
/** The maximum number of included files. Files can include each other, so the number must have a limit. */
const mostFiles = 50

/**
 * If the file of an Include Controller is in the folder of the plan, replaces the controller with the steps of this file. Otherwise, or after 50
 * included files, leaves the controller unchanged.
 */
export function withIncludes(branches: readonly Branch[], folder: string): Branch[] {
  let left = mostFiles
  const replaced = (branch: Branch): Branch => {
    const path = branch.element.name === 'IncludeController' ? pathIn(branch.element, folder) : null
    if (path === null || left === 0) return { ...branch, below: branch.below.map(replaced) }
    left--
    const below = stepsIn(join(folder, path), path).map(replaced)
    return { element: { ...branch.element, name: 'GenericController' }, below }
  }
  return branches.map(replaced)
}

/**
 * Returns the path of the included file, relative to the folder. Returns null if the path is empty, if the path is absolute, or if the path contains
 * `..` or a variable. Also returns null if the path does not lead to a regular file of at most 32 MiB.
 */
function pathIn(element: Element, folder: string): string | null {
  const path = textOf(element, 'IncludeController.includepath').replaceAll('\\', '/')
  if (path === '' || /^\/|^[a-z]:|\.\.|\0|\$\{/i.test(path)) return null
  const whole = join(folder, path)
  return existsSync(whole) && statSync(whole).isFile() && statSync(whole).size <= mostBytes ? path : null
}

/** Returns the elements directly below an included plan. Replaces each test fragment with the elements inside it. Leaves out the thread groups. */
function stepsIn(whole: string, path: string): Branch[] {
  const root = readXml(path, decodedText(path, readFileSync(whole))).children.find(
    ({ name }) => name === 'jmeterTestPlan',
  )
  const tree = root?.children.find(({ name }) => name === 'hashTree')
  const top = tree ? branchesOf(tree).flatMap((one) => (one.element.name === 'TestPlan' ? one.below : [one])) : []
  const steps = top.filter(({ element }) => !element.name.endsWith('ThreadGroup'))
  return steps.flatMap((one) => (isFragment(one) ? one.below : [one])).map((one) => placed(one, path))
}

function isFragment({ element }: Branch): boolean {
  return element.name === 'TestFragmentController'
}

function placed({ element, below }: Branch, file: string): Branch {
  return { element: { ...element, file }, below: below.map((one) => placed(one, file)) }
}

/** Returns the fragments and controllers of the plan, by name. */
export function modulesIn(branches: readonly Branch[]): Map<string, Branch> {
  const found = new Map<string, Branch>()
  const look = (branch: Branch): void => {
    const name = branch.element.attributes['testname'] ?? ''
    if (branch.element.name.endsWith('Controller') && !found.has(name)) found.set(name, branch)
    for (const one of branch.below) look(one)
  }
  for (const one of branches) look(one)
  return found
}
