import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { type WrittenSeries, stale } from './written-series.ts'

/**
 * The bits of the NaN that Prometheus reads as a stale marker. The bits are written as an integer, because JavaScript would write a NaN with
 * different bits.
 */
const staleBits = 0x7ff0000000000002n

// The numbers of the fields in remote.proto and types.proto of Prometheus.
const request = { timeseries: 1 } as const
const series = { labels: 1, samples: 2 } as const
const label = { name: 1, value: 2 } as const
const sample = { value: 1, timestamp: 2 } as const

/** Returns a `WriteRequest` of Prometheus remote write 1.0, not yet compressed with Snappy. */
export function writeRequest(written: readonly WrittenSeries[]): Uint8Array<ArrayBuffer> {
  const message = new BinaryWriter()
  for (const one of written) {
    message.tag(request.timeseries, WireType.LengthDelimited).fork()
    writeSeries(message, one)
    message.join()
  }
  return message.finish()
}

function writeSeries(message: BinaryWriter, { labels, samples }: WrittenSeries): void {
  for (const [name, value] of labels) {
    message.tag(series.labels, WireType.LengthDelimited).fork()
    message.tag(label.name, WireType.LengthDelimited).string(name)
    message.tag(label.value, WireType.LengthDelimited).string(value)
    message.join()
  }
  for (const { value, atMs } of samples) {
    message.tag(series.samples, WireType.LengthDelimited).fork()
    message.tag(sample.value, WireType.Bit64)
    if (value === stale) message.fixed64(staleBits)
    else message.double(value)
    message.tag(sample.timestamp, WireType.Varint).int64(atMs)
    message.join()
  }
}
