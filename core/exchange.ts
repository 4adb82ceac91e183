/** One request and what came of it, whole, for `burst debug`. Nothing in it is masked yet. */
export interface DebugExchange {
  user: number
  task: string
  /** Statistics name. */
  name: string
  request: { method: string; url: string; headers: DebugHeaders; body: DebugBody }
  response: DebugResponse | { error: string; ms: number }
  /** `ok`, or why the request counts as failed. */
  outcome: string
}

export interface DebugResponse {
  status: number
  headers: DebugHeaders
  body: DebugBody
  /** Request written → last byte. */
  ms: number
}

export type DebugHeaders = Readonly<Record<string, string | readonly string[]>>
/** Bytes as received after decompression; null: none, or not kept. */
export type DebugBody = string | Uint8Array | null
