/** The public API of a scenario. Comments in the source files describe the exports; `docs/scenarios.md` describes all exports on one page. */
export { scenario } from './core/authoring/definition.ts'
export type {
  FinishedRequest,
  RunContext,
  Scenario,
  ScenarioOptions,
  Shape,
  Threshold,
  AbortOn,
  Find,
} from './core/authoring/definition.ts'
export type { ArrayStyle, Body, FileContent, Part, PartValue, StreamedBody } from './core/authoring/requests/bodies.ts'
export { file } from './core/authoring/requests/file.ts'
export type { FileOptions } from './core/authoring/requests/file.ts'
export type { RunEvent } from './core/authoring/run-event.ts'
export { csv, json } from './core/authoring/feed.ts'
export type { CsvOptions, Feed, Row, Rows, UniqueOptions } from './core/authoring/feed.ts'
export type {
  Expectation,
  GraphqlDocument,
  GraphqlOptions,
  GraphqlPending,
  FormValues,
  HtmlElement,
  HtmlForm,
  HtmlPage,
  Http,
  MutableHeaders,
  Options,
  Pending,
  ReadonlyHeaders,
  RequestOptions,
  Response,
  ServerEvent,
  StreamOptions,
  SubmitOptions,
} from './core/authoring/requests/http.ts'
export type { TlsOptions } from './core/authoring/requests/tls.ts'
export type { RouteParams } from './core/authoring/requests/route-params.ts'
export type { RecordedSample } from './core/authoring/runtime.ts'
export { task } from './core/authoring/task.ts'
export type { TaskOptions } from './core/authoring/task.ts'
export type {
  WebSocketConnection,
  WebSocketData,
  WebSocketExpectOptions,
  WebSocketExpectation,
  WebSocketMessage,
  WebSocketOptions,
} from './core/authoring/requests/web-socket.ts'
export { HttpUser } from './core/authoring/http-user.ts'
export type { Tasks } from './core/authoring/http-user.ts'
export { between, constant, pacing, throughput } from './core/authoring/wait.ts'
export type { PacingOptions, Wait } from './core/authoring/wait.ts'
export { defineConfig } from './core/config.ts'
export type { BurstConfig } from './core/config.ts'
export type { Duration, DurationText } from './core/duration.ts'
export { arrivals, hold, ramp, rampArrivals } from './core/authoring/load-stages.ts'
export type { ArrivalOptions, Stage } from './core/authoring/load-stages.ts'
export type { Random } from './core/random.ts'
