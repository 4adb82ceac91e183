/** The parts of undici that the engine uses: all of it takes three times as long to load. Its types describe only the whole. */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici'
}
declare module 'undici/lib/core/connect.js' {
  export { buildConnector as default } from 'undici'
}
