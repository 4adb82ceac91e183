import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'
import { reportSchema } from '../core/report/report.ts'
import {
  amount,
  completeness,
  count,
  generator,
  lag,
  length,
  row,
  share,
  spread,
  verdict,
  windowRow,
} from '../core/verdict/results.ts'

const definitions = {
  amount,
  completeness,
  count,
  generator,
  lag,
  length,
  row,
  share,
  spread,
  verdict,
  windowRow,
}

/** Returns the JSON Schema of `report.json`. */
export function reportJsonSchema(): object {
  const { $schema: _, ...schema } = toJsonSchema(reportSchema, { definitions, target: 'draft-2020-12' })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:burst:report:1',
    title: 'burst report, version 1',
    description:
      'The result of one run. A field name ends with the unit of the value: `Ms` for milliseconds, `Mb` for mebibytes, `At` for milliseconds since the epoch, `Share` for a fraction from 0 to 1, `Usd` for US dollars. Later releases may add fields to version 1, so readers must ignore unknown fields.',
    ...schema,
  }
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '../core/report/report.schema.json')
  writeFileSync(file, `${JSON.stringify(reportJsonSchema(), null, 2)}\n`)
}
