import { BurstError, exitCodes } from '../core/errors.ts'
import { messageOf } from '../core/verdict/completeness/loss.ts'
import { clean, type Style } from './terminal/style.ts'

/** Returns the printed form of an error: the error message, the `file:line`, a hint and, with `--debug`, the stack. */
export function renderProblem(error: unknown, style: Style, debug: boolean): string {
  const lines = error instanceof BurstError ? ofAPerson(error, style) : ofOurs(error, style, debug)
  const stack = debug && error instanceof Error ? (error.stack ?? '').split('\n').map(clean) : []
  return [...lines, ...stack].join('\n')
}

function ofAPerson(error: BurstError, style: Style): string[] {
  const at = error.at === undefined ? [] : [`  at ${clean(error.at)}`]
  const hint = error.hint === undefined ? [] : [style.dim(`  ${clean(error.hint)}`)]
  return [style.red(`burst: ${clean(error.message)}`), ...at, ...hint]
}

function ofOurs(error: unknown, style: Style, debug: boolean): string[] {
  const hint = debug ? [] : [style.dim('  run the command again with --debug to see the stack trace')]
  return [style.red(`burst: this is a bug in burst: ${clean(messageOf(error))}`), ...hint]
}

/** Returns the exit code of an error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof BurstError ? error.exitCode : exitCodes.bug
}
