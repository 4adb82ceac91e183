import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, type Plugin, build } from 'esbuild'
import { readPageAssets } from '../functions/reducer/assets.ts'
import { lambdaNames } from './lambda-code.ts'

/**
 * The entry files of each function: the handler, and the threads that the handler starts. A key is the path of the output in the function's folder,
 * without its extension. A value is the path of the source file, relative to the root of the sources.
 */
const entries: Record<(typeof lambdaNames)[number], Record<string, string>> = {
  coordinator: { index: 'functions/coordinator/lambda.ts' },
  hooks: { index: 'functions/hooks/lambda.ts', 'hook-thread': 'functions/hooks/hook-thread.ts' },
  worker: { index: 'functions/worker/lambda.ts', 'engine/thread': 'functions/worker/engine/thread.ts' },
  merge: { index: 'functions/reducer/merge-lambda.ts' },
  finalise: { index: 'functions/reducer/finalise-lambda.ts' },
}

/**
 * Bundles each function into its own folder inside `folder`, and writes the identity of the build to `build.json` in `folder`. The same sources
 * produce the same bytes.
 */
export async function bundleFunctions(
  root: string,
  folder: string,
  identity: { version: string; build: string },
): Promise<void> {
  const pageAssets = await inlinePageAssets()
  for (const name of lambdaNames) {
    await build({
      ...options,
      absWorkingDir: root,
      entryPoints: entries[name],
      outdir: join(folder, name),
      plugins: [...slimPackages(root), pageAssets],
    })
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'build.json'), `${JSON.stringify(identity)}\n`)
}

function slimPackages(root: string): Plugin[] {
  return [slimUndici(root), slimWs(root), withoutSecondParser, withoutBrowserNames, onlyOwnCredentials]
}

const options: BuildOptions = {
  bundle: true,
  minify: true,
  // Code that two threads of a function share is bundled only once. Code that the SDK loads on demand is in separate files.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'none',
  logLevel: 'warning',
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  // undici provides this switch for bundlers. The switch omits undici's experimental second parser.
  define: { esbuildDetection: 'true' },
}

/**
 * The engine needs only undici's client and connector. The whole package also contains fetch, caches and mocks, and is three times as large as these
 * two modules.
 */
function slimUndici(root: string): Plugin {
  const contents = [
    "export { default as Client } from 'undici/lib/dispatcher/client.js'",
    "export { default as buildConnector } from 'undici/lib/core/connect.js'",
  ].join('\n')
  return {
    name: 'slim-undici',
    setup(build) {
      build.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'slim' }))
      build.onLoad({ filter: /./, namespace: 'slim' }, () => ({ contents, resolveDir: root }))
    },
  }
}

/** Bundles only the client of `ws`. The package's own entry point contains both the client and the server. */
function slimWs(root: string): Plugin {
  return {
    name: 'slim-ws',
    setup(build) {
      build.onResolve({ filter: /^ws$/ }, () => ({ path: 'ws', namespace: 'slim-ws' }))
      build.onLoad({ filter: /./, namespace: 'slim-ws' }, () => ({
        contents: "export { default as WebSocket } from './node_modules/ws/lib/websocket.js'",
        resolveDir: root,
      }))
    },
  }
}

/** Omits undici's parser that does not use SIMD. Every processor of Lambda has SIMD, so the bundle contains only the parser that uses SIMD. */
const withoutSecondParser: Plugin = {
  name: 'without-second-parser',
  setup(build) {
    build.onLoad({ filter: /[\\/]undici[\\/]lib[\\/]llhttp[\\/]llhttp-wasm\.js$/ }, () => ({
      contents: "module.exports = require('./llhttp_simd-wasm.js')",
    }))
  },
}

/** Leaves out the SDK's list of browsers, which the SDK uses only in a browser. */
const withoutBrowserNames: Plugin = {
  name: 'without-browser-names',
  setup(build) {
    build.onResolve({ filter: /^bowser$/ }, () => ({ path: 'bowser', namespace: 'empty' }))
    build.onLoad({ filter: /./, namespace: 'empty' }, () => ({ contents: 'export default {}' }))
  },
}

/**
 * Leaves out the credential sources that a function does not need: profiles, single sign-on, metadata services and web identities. Lambda sets the
 * credentials of a function in environment variables.
 */
const onlyOwnCredentials: Plugin = {
  name: 'only-own-credentials',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]credential-provider-node[\\/]dist-(?:cjs|es)[\\/]index\.js$/ }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'",
    }))
  },
}

/** Adds the files of the page to the code, because a deployed function consists only of bundled code. */
async function inlinePageAssets(): Promise<Plugin> {
  const { sha256: _, ...texts } = await readPageAssets()
  const contents = [
    "import { createHash } from 'node:crypto'",
    "const sha256 = (text) => createHash('sha256').update(text).digest('base64')",
    `export const readPageAssets = async () => ({ ...${JSON.stringify(texts)}, sha256 })`,
  ].join('\n')
  return {
    name: 'page-assets',
    setup(build) {
      build.onLoad({ filter: /[\\/]functions[\\/]reducer[\\/]assets\.ts$/ }, () => ({ contents, loader: 'js' }))
    },
  }
}
