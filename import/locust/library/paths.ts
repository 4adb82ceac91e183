import type { Frame } from '../frame.ts'
import { dottedName } from '../python/names.ts'
import type { Py } from '../python/syntax.ts'

/**
 * Returns the path of a file, relative to the locustfile, if the path is constant. The argument `py` is then a string, the name of a constant, or an
 * expression such as `Path(__file__).parent / "users.csv"` or `os.path.join(HERE, "users.csv")`. Returns null if `py` is anything else.
 */
export function filePath(py: Py, frame: Pick<Frame, 'module'>): string | null {
  if (py.t === 'str') return py.value
  if (py.t === 'name') {
    const value = frame.module.values.get(py.id)
    if (value?.k === 'str') return value.value
    return frame.module.paths.get(py.id) ?? null
  }
  if (isFolder(py)) return ''
  if (py.t === 'binary' && py.op === '/') return joined([py.left, py.right], frame)
  if (py.t !== 'call') return null
  const name = dottedName(py.of) ?? ''
  if (/(?:^|\.)path\.join$|(?:^|\.)Path$/.test(name)) return joined(py.args, frame)
  return /(?:^|\.)(?:str|abspath|realpath|fspath)$/.test(name) && py.args[0] ? filePath(py.args[0], frame) : null
}

function joined(parts: readonly Py[], frame: Pick<Frame, 'module'>): string | null {
  const texts = parts.map((part) => filePath(part, frame))
  return texts.includes(null) || texts.length === 0 ? null : texts.filter((text) => text !== '').join('/')
}

/** Returns true for the folder of the locustfile: `Path(__file__).parent`, `os.path.dirname(__file__)` or `os.getcwd()`. */
export function isFolder(py: Py): boolean {
  if (py.t === 'attr' && py.name === 'parent') return mentionsFile(py.of)
  if (py.t !== 'call') return false
  const name = dottedName(py.of) ?? ''
  if (/(?:^|\.)(?:getcwd|cwd)$/.test(name)) return true
  if (/(?:^|\.)(?:dirname)$/.test(name)) return py.args.some(mentionsFile)
  const isResolved = py.of.t === 'attr' && ['resolve', 'absolute'].includes(py.of.name)
  if (isResolved && py.of.t === 'attr') return isFolder(py.of.of)
  return /(?:^|\.)(?:abspath|realpath|Path)$/.test(name) && py.args[0] !== undefined && isFolder(py.args[0])
}

function mentionsFile(py: Py): boolean {
  if (py.t === 'name') return py.id === '__file__'
  if (py.t === 'call') return py.args.some(mentionsFile) || mentionsFile(py.of)
  return py.t === 'attr' && mentionsFile(py.of)
}
