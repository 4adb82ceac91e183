import { extname } from 'node:path'
import type { TransformOptions } from 'esbuild'

/** The compiler settings of a scenario. They override its tsconfig: decorators follow the standard, and class fields have define semantics. */
export const language = {
  target: 'node22',
  charset: 'utf8',
  keepNames: true,
  tsconfigRaw: { compilerOptions: { experimentalDecorators: false, useDefineForClassFields: true } },
} as const satisfies TransformOptions

const textEndings = new Set(
  '.csv .tsv .txt .sql .graphql .gql .html .htm .xml .svg .css .md .yaml .yml .toml .ini .proto .jsonl .ndjson .json5 .pem'.split(
    ' ',
  ),
)
const codeEndings = new Set('.ts .mts .cts .tsx .js .mjs .cjs .jsx .json'.split(' '))

/** Returns how a scenario imports a file with this extension. 'code' means that burst runs the file or, if the file is JSON, parses it. */
export function kindOf(path: string): 'code' | 'text' | 'bytes' {
  const ending = extname(path).toLowerCase()
  if (ending === '' || codeEndings.has(ending)) return 'code'
  return textEndings.has(ending) ? 'text' : 'bytes'
}
