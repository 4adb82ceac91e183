/**
 * The types of those parts of undici that the engine loads. Loading all of undici would take three times as long. undici's own types describe only
 * the whole package.
 */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici'
}
declare module 'undici/lib/core/connect.js' {
  export { buildConnector as default } from 'undici'
}
