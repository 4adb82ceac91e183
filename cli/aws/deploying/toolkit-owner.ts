import { createRequire } from 'node:module'
import type { S3Client } from '@aws-sdk/client-s3'
import { expectOwner } from '../../../functions/aws/s3-client.ts'

type Send = (this: S3Client, command: Pick<S3Client, 'middlewareStack'>, ...rest: unknown[]) => unknown

/**
 * Runs `act`. While `act` runs, every S3 call of the CDK toolkit contains the id of the account that must own the bucket. The toolkit uploads the
 * functions' code with its own clients, and has no setting for the owner.
 * @param owner id of the account
 */
export async function withOwnedToolkit<T>(owner: string, act: () => Promise<T>): Promise<T> {
  // Loads the SDK that the CDK toolkit uses. A project may contain two versions of the SDK.
  const ofToolkit = createRequire(import.meta.resolve('@aws-cdk/toolkit-lib'))
  const { prototype } = (ofToolkit('@aws-sdk/client-s3') as { S3Client: typeof S3Client }).S3Client
  const send = Reflect.get(prototype, 'send') as Send
  Reflect.defineProperty(prototype, 'send', {
    configurable: true,
    value(this: S3Client, ...[command, ...rest]: Parameters<Send>): unknown {
      expectOwner(command.middlewareStack, owner)
      return Reflect.apply(send, this, [command, ...rest])
    },
  })
  try {
    return await act()
  } finally {
    Reflect.deleteProperty(prototype, 'send')
  }
}
