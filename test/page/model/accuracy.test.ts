import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../core/window/codec/compact-codec.ts'
import { CompactHistogram, emptyRequestSecond } from '../../../core/window/histograms/compact.ts'
import { accuracyOf } from '../../../page/model/accuracy.ts'

test.each([
  [1, 0.8],
  [2, 2.4],
  [4, 4],
])(
  'if %i neighbouring places of the series are joined, the page says that latencies are accurate to %f %%',
  (factor, percent) => {
    const fine = new CompactHistogram()
    for (let us = 1000; us < 100_000; us += 100) fine.record(us)
    const writer = new ByteWriter()
    writer.histogram(fine, factor)
    const counted = { ...emptyRequestSecond(), latency: new ByteReader(writer.bytes).histogram() }
    expect(accuracyOf({ series: { all: new Map([[7, counted]]), names: [], errors: [] } })).toBe(percent)
  },
)
