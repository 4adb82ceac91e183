import { greatest } from '../../../core/extremes.ts'
import { createHash } from 'node:crypto'
import { sep } from 'node:path'
import type { CollectedFiles } from './collected-files.ts'

/** The content of a bundle in addition to its code. */
export interface Carried {
  /**
   * The texts of the files that `csv()` and `json()` read, and of the certificate and key files that the scenario names. The key is the path as the
   * scenario writes it.
   */
  texts: ReadonlyMap<string, string>
  collected: Pick<CollectedFiles, 'files' | 'cwd' | 'shipped'>
  /** The absolute path of the scenario's folder. */
  folder: string
}

/**
 * Returns a module with the scenario and its files. The code for the files precedes the scenario on the scenario's first line, so that the line
 * numbers of the source map stay correct.
 */
export function embedFiles(code: string, { texts, collected, folder }: Carried): string {
  return `${textsPrelude(texts)}${placePrelude(code, collected, folder)}${code}`
}

/** Returns the SHA-256 of a bundle as a hexadecimal string. */
export function contentHash(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}

/** The last part of the error message about a file that was not copied to the worker. */
const missing = JSON.stringify(
  ' was not copied to the worker: call file() at the top of the scenario, write the whole path as one string, or copy the folder with --files',
)

function textsPrelude(texts: ReadonlyMap<string, string>): string {
  const read =
    'path=>{if(files.has(path))return files.get(path);throw new Error(path+" was not read while the run was planned, so it was not copied to the worker")}'
  return `globalThis[Symbol.for("burst.files")]=(files=>({read:${read},bytes:path=>{throw new Error(path+${missing})}}))(new Map(${inOrder(texts)}));`
}

/**
 * Returns code that writes the files into two folders next to the bundle: the files of `--files` into the folder `files`, and all other files into
 * the folder `beside`. On a worker, a folder in `beside` replaces the scenario's folder. The variable `root` contains the path of this folder. If a
 * module of the scenario resolves a path relative to its own folder, the result is the path of the copy. Every function of `node:fs` can read the
 * copy.
 */
function placePrelude(code: string, { files, cwd, shipped }: Carried['collected'], folder: string): string {
  const places = [...code.matchAll(/\bglobalThis\.__burstPlace\("([^"]*)"\)/g)].map((match) => match[1] as string)
  if (places.length === 0 && files.size === 0 && shipped.size === 0) return ''
  const ups = [...places, ...files.keys(), cwd ?? ''].map(
    (place) => place.split(/[\\/]/).filter((part) => part === '..').length,
  )
  const parents = folder.split(sep).slice(folder.split(sep).length - greatest(ups, Number))
  const lay =
    'for(const[folder,list]of[[root,files],[shipped,shippedFiles]])for(const[name,text]of list){const file=path.join(folder,name);fs.mkdirSync(path.dirname(file),{recursive:true});fs.writeFileSync(file,Buffer.from(text,"base64"))}'
  return `((fs,path,url,files,shippedFiles,parents,cwd)=>{const root=path.join(import.meta.dirname,"beside",...parents),shipped=path.join(import.meta.dirname,"files");${lay}${bytesFunction}${placeFunction}${cwd === null ? '' : redirect}})(...["fs","path","url"].map(name=>process.getBuiltinModule("node:"+name)),${inOrder(base64(files))},${inOrder(base64(shipped))},${JSON.stringify(parents)},${JSON.stringify(cwd)});`
}

/** Defines the function through which `file()` reads a file. Files of `--files` take precedence. Each file is read from disk only once. */
const bytesFunction = `const known=new Map(),has=file=>fs.existsSync(file)&&file;const{readFileSync}=fs;Object.assign(globalThis[Symbol.for("burst.files")]??{},{bytes:name=>{if(known.has(name))return known.get(name);const file=has(path.join(shipped,name))||has(path.resolve(root,name));if(!file)throw new Error(name+${missing});known.set(name,readFileSync(file));return known.get(name)}});`

function base64(files: ReadonlyMap<string, Uint8Array>): Map<string, string> {
  return new Map([...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]))
}

/**
 * Defines the function that returns the replacement for `import.meta` in a module of the scenario. The function uses the variables `root`, `path` and
 * `url`.
 */
const placeFunction =
  'globalThis.__burstPlace=name=>{const filename=path.join(root,name),href=url.pathToFileURL(filename).href;return{url:href,filename,dirname:path.dirname(filename),main:false,resolve:to=>new URL(to,href).href}};'

/**
 * Code that replaces functions of `node:fs`, because the working folder of a worker does not contain the scenario's files. `base` is the copy of the
 * folder in which the run was planned. If a relative path exists in `base`, the new functions use the path in `base`. Otherwise, they use the
 * original path. A function that searches with a pattern, such as `glob`, applies this rule only to the folder of the search (`cwd`). Such a function
 * therefore searches either the folder in `base` or the original folder, and never both.
 */
const redirect =
  `const base=path.join(root,cwd),exists=fs.existsSync,at=given=>{if(typeof given!=="string"||path.isAbsolute(given))return given;const file=path.join(base,given);return exists(file)?file:given};` +
  // `realpath` and `realpathSync` have a second form, `native`.
  `const leading=original=>Object.assign((given,...rest)=>original(at(given),...rest),original.native&&{native:leading(original.native)});` +
  `const searching=original=>(pattern,...rest)=>{const{cwd=".",...options}=(typeof rest[0]==="object"&&rest.shift())||{};return original(pattern,{...options,cwd:at(cwd)},...rest)};` +
  `const replace=(room,names,by)=>{for(const name of names.split(" "))room[name]=by(room[name])};` +
  `replace(fs,"readFileSync readFile openSync open openAsBlob createReadStream existsSync statSync stat lstatSync lstat accessSync access realpathSync realpath readdirSync readdir opendirSync opendir copyFileSync copyFile cpSync cp watch watchFile unwatchFile",leading);` +
  `replace(fs.promises,"readFile open stat lstat access realpath readdir opendir copyFile cp watch",leading);` +
  `replace(fs,"glob globSync",searching);replace(fs.promises,"glob",searching);` +
  `process.getBuiltinModule("node:module").syncBuiltinESMExports();`

function inOrder(files: ReadonlyMap<string, string>): string {
  return JSON.stringify([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
