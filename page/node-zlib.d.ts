/** For the types of `core/window/histograms/histogram.ts`. The programs of the page do not contain this file. */
declare module 'node:zlib' {
  export function deflateSync(bytes: Uint8Array): Uint8Array
  export function inflateSync(bytes: Uint8Array): Uint8Array
}
