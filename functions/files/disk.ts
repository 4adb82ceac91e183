const causes: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would exceed the maximum size of a file',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'the folder is missing',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file with this name exists where a folder is needed',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'the path leads through too many links',
  EMFILE: 'too many open files',
  EIO: 'the disk reports an error',
}

/** Returns the reason why a file could not be read or written. For an error whose code is not in `causes`, returns the system's own message. */
export function diskCause(error: unknown): string {
  const plain = causes[diskCode(error)]
  if (plain) return plain
  return error instanceof Error ? error.message : String(error)
}

/** The error for a file system that does not allow new folders. */
export class NoFolderError extends Error {}

/** The codes of errors that occur again at every attempt, because the path is wrong. */
const codesOfPaths = new Set('EACCES EPERM EROFS ENOENT ENOTDIR EEXIST EISDIR ENAMETOOLONG ELOOP EINVAL'.split(' '))

/**
 * Returns true if the path is wrong, for example because a part of it is a file. Returns false if the disk failed, for example because the disk is
 * full.
 */
export function isWrongPath(error: unknown): boolean {
  return error instanceof NoFolderError || codesOfPaths.has(diskCode(error))
}

/** Returns the system's code of an error, such as `ENOSPC`; '' if the error has no code. */
export function diskCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
