import { setTimeout as sleep } from 'node:timers/promises'
import { Targets } from '../../../../../../functions/guard/targets.ts'
import { Turns } from '../../../../../../functions/worker/engine/health/loop-turns.ts'
import { ConnectionMaker } from '../../../../../../functions/worker/engine/http/connection/connector.ts'
import { Exchange } from '../../../../../../functions/worker/engine/http/exchange.ts'
import { Http2Connections } from '../../../../../../functions/worker/engine/http/http2/http2-connections.ts'
import { Meter } from '../../../../../../functions/worker/engine/http/meter.ts'
import { type FrameTarget, type FrameTargetOptions, startFrameTarget } from '../../../../../targets/raw/frame-target.ts'
import type { Http2Tests } from './http2-tests.ts'

interface Options extends FrameTargetOptions {
  /** The maximum number of open connections to the origin. Default: the maximum for a single user. */
  limits?: { http1: number; http2: number }
}

/** A target that writes HTTP/2 frames, and functions with which a test begins and counts requests to this target. */
export interface StartedExchanges {
  target: FrameTarget
  /** Returns the number of requests that count as sent. */
  sent: () => number
  /** Begins a POST request. */
  begin: (headers?: Record<string, string>) => { exchange: Exchange; ended: Promise<Exchange> }
}

export async function startExchanges(http2: Http2Tests, options: Options = {}): Promise<StartedExchanges> {
  const target = await startFrameTarget(options)
  const written = new SharedArrayBuffer(4)
  const meter = new Meter(written, new Turns())
  const connections = new Http2Connections(new ConnectionMaker(new Targets(null)), true, options.limits)
  http2.clean.push(async () => connections.close(), target.close)
  const what = { origin: target.origin, path: '/', method: 'POST', body: null, hopHeaders: false, close: undefined }
  const begin: StartedExchanges['begin'] = (headers = {}) => {
    const { promise: ended, resolve } = Promise.withResolvers<Exchange>()
    const exchange = new Exchange({ ...what, headers, keepBody: false }, connections, meter, {
      isRedirect: () => false,
      exchangeDone: resolve,
    })
    exchange.begin(performance.now())
    return { exchange, ended }
  }
  return { target, begin, sent: () => new Int32Array(written)[0] ?? 0 }
}

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(2)
}
