import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3'
import { setTimeout as sleep } from 'node:timers/promises'
import { BurstError } from '../../core/errors.ts'
import type { PutCondition, Store, StoredObject } from '../ports.ts'
import type { RunCredentials } from '../events.ts'
import { ownedS3Client } from './s3-client.ts'
import { type ClientNeeds, clientSettings, setting } from './client-settings.ts'

/**
 * The maximum number of repetitions of a write. S3 returns status 409 for concurrent conditional writes. A repeated write soon succeeds (S3 User
 * Guide, "Conditional writes").
 */
const mostConflicts = 10

/** The maximum number of attempts to read an object. The SDK itself does not repeat a call whose response ends early or stops arriving. */
const mostReads = 3

const contentTypes: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  xml: 'application/xml',
  hlog: 'text/plain; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
}

interface S3Fault {
  name: string
  $metadata?: { httpStatusCode?: number; attempts?: number }
}

/**
 * The store on S3. This class handles a missing object, a condition that does not hold, and a denied access. Other errors of the SDK are thrown
 * unchanged.
 */
export class S3Store implements Store {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #mayList: boolean

  /**
   * Creates a store.
   * @param mayList whether the client may list the bucket; default true. Without this permission, S3 answers a request for a missing object with
   * `AccessDenied`.
   */
  constructor(client: S3Client, bucket: string, mayList = true) {
    this.#client = client
    this.#bucket = bucket
    this.#mayList = mayList
  }

  /**
   * Reads an object. Returns undefined if the object does not exist. If `mayList` is false, also returns undefined if access is denied.
   * @throws BurstError (97) when access is denied and `mayList` is true
   */
  async get(key: string): Promise<StoredObject | undefined> {
    try {
      return await this.#read(key)
    } catch (error) {
      // Checks the name of the error, because S3 returns status 404 both for a missing bucket and for a missing object.
      if ((error as S3Fault).name === 'NoSuchKey' || (!this.#mayList && isDenied(error as S3Fault))) return undefined
      throw this.#named(error, 'GetObject', key)
    }
  }

  async #read(key: string, reads = 1): Promise<StoredObject> {
    const { Body, ETag } = await this.#client.send(new GetObjectCommand(this.#at(key)))
    try {
      return { body: (await Body?.transformToString()) ?? '', etag: ETag ?? '' }
    } catch (error) {
      if (reads === mostReads) throw error
      return this.#read(key, reads + 1)
    }
  }

  /** @throws BurstError (97) when access is denied */
  async put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
    const command = this.#putCommand(key, body, condition)
    for (let conflicts = 0; ; conflicts++) {
      try {
        return (await this.#client.send(command)).ETag ?? ''
      } catch (error) {
        if (condition && isLost(error as S3Fault)) return await this.#ownEarlierWrite(key, body, error as S3Fault)
        if (!isConflict(error as S3Fault) || conflicts === mostConflicts) throw this.#named(error, 'PutObject', key)
      }
      await sleep(20 + Math.random() * 50 * (conflicts + 1))
    }
  }

  /** @throws BurstError (97) when access is denied */
  async list(prefix: string): Promise<string[]> {
    const keys: string[] = []
    try {
      const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: prefix })
      for await (const { Contents = [] } of pages) keys.push(...Contents.map(({ Key = '' }) => Key))
    } catch (error) {
      throw this.#named(error, 'ListBucket', prefix)
    }
    return keys.toSorted()
  }

  /** @throws BurstError (97) when access is denied */
  async delete(key: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand(this.#at(key)))
    } catch (error) {
      throw this.#named(error, 'DeleteObject', key)
    }
  }

  #putCommand(key: string, body: string, condition: PutCondition | undefined): PutObjectCommand {
    return new PutObjectCommand({
      ...this.#at(key),
      Body: body,
      // Sets the content length, because the SDK does not send one for an empty body.
      ContentLength: Buffer.byteLength(body),
      ContentType: contentTypes[/\.(\w+)$/.exec(key)?.[1] ?? ''] ?? 'text/plain; charset=utf-8',
      ...(condition && ('ifAbsent' in condition ? { IfNoneMatch: '*' } : { IfMatch: condition.ifMatch })),
    })
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: key }
  }

  /**
   * Returns the etag of an object that an earlier attempt of the same write created. The SDK repeats a write if the response was lost. The second
   * attempt then finds the object that the first attempt created.
   */
  async #ownEarlierWrite(key: string, body: string, { $metadata }: S3Fault): Promise<string | undefined> {
    if (($metadata?.attempts ?? 1) < 2) return undefined
    const found = await this.get(key)
    return found?.body === body ? found.etag : undefined
  }

  /**
   * Returns a BurstError if access is denied, otherwise the error itself. Here, status 403 means that a permission is missing, and not that an object
   * is missing. If the client may list the bucket, S3 returns status 404 for a missing object. If the client may not list the bucket, `get` has
   * already handled status 403.
   */
  #named(error: unknown, action: string, key: string): unknown {
    if (!isDenied(error as S3Fault)) return error
    return new BurstError('runFailed', `AWS denies s3:${action} on s3://${this.#bucket}/${key}`, {
      hint: 'check the policies of the role and the bucket; burst deploy restores the policies of the stack',
      cause: error,
    })
  }
}

function isDenied({ name, $metadata }: S3Fault): boolean {
  return $metadata?.httpStatusCode === 403 && /^(AccessDenied|Forbidden|403)$/.test(name)
}

/** Returns true if the condition of a write did not hold, or if the object to replace does not exist. */
function isLost({ name, $metadata }: S3Fault): boolean {
  return $metadata?.httpStatusCode === 412 || name === 'NoSuchKey'
}

function isConflict({ $metadata }: S3Fault): boolean {
  return $metadata?.httpStatusCode === 409
}

/** Returns the store in a stack's bucket, which belongs to the account `owner`. */
export function s3Store({ bucket, owner }: { bucket: string; owner: string }, needs: ClientNeeds): S3Store {
  return new S3Store(ownedS3Client(owner, clientSettings(needs)), bucket)
}

/**
 * Returns the store for the workers and hooks of one run. If the credentials do not allow the store to read an object, the store treats the object as
 * missing.
 */
export function runStore(
  { bucket, owner }: { bucket: string; owner: string },
  { credentials, ...needs }: ClientNeeds & { credentials: RunCredentials },
): S3Store {
  return new S3Store(ownedS3Client(owner, { ...clientSettings(needs), credentials }), bucket, false)
}

/** Returns the bucket of the function's own stack. */
export function stackBucket(): { bucket: string; owner: string } {
  return { bucket: setting('BURST_BUCKET'), owner: setting('BURST_ACCOUNT') }
}
