import type { TransformOptions } from 'esbuild'

/** What a scenario is written in, whatever tsconfig lies beside it: standard decorators, fields by definition. */
export const language = {
  target: 'node22',
  charset: 'utf8',
  keepNames: true,
  tsconfigRaw: { compilerOptions: { experimentalDecorators: false, useDefineForClassFields: true } },
} as const satisfies TransformOptions

/** Endings of the files whose import gives their text. */
export const textEndings = ['.csv', '.txt'] as const
