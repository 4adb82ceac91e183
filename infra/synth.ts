import {
  App,
  CliCredentialsStackSynthesizer,
  type Environment,
  type IStackSynthesizer,
  PermissionsBoundary,
} from 'aws-cdk-lib'
import type { CloudAssembly } from 'aws-cdk-lib/cx-api'
import type { LambdaCode } from '../build/lambda-code.ts'
import type { BurstSettings } from './stack-options.ts'
import { BurstStack } from './stack.ts'

/** What `burst deploy` deploys. */
export interface DeployOptions extends BurstSettings {
  /** Targets that the stack may load: host names, also `*.example.com`. Never empty. */
  allow: readonly string[]
  /** Default `burst`. */
  stackName?: string
  /** Where; needed only when a VPC is looked up. Default: where the credentials lead. */
  env?: Environment
  /** Takes the functions' code on its way. */
  assetBucket: string
  /** ARN of a policy that bounds every role. */
  permissionsBoundary?: string
  tags?: Record<string, string>
  /** CloudFormation refuses to delete the stack. Default false. */
  terminationProtection?: boolean
  /** Kept in the stack, for the next deployment to start from. */
  noted?: Readonly<Record<string, unknown>>
  /** Default: the functions that this package brings. */
  code?: LambdaCode
}

/** What the CDK toolkit gives to a builder: where to write, and what it has looked up. */
export interface AssemblyPlace {
  outdir?: string
  context?: Record<string, unknown>
}

/**
 * Makes the CloudFormation template and lists the code to upload. Needs no bootstrapped account: everything is done with the deploying
 * person's own credentials, by way of a bucket that has to exist.
 * @throws BurstError (104) when the options contradict each other, Error when the functions are not built
 */
export function synthesize(options: DeployOptions, { outdir, context }: AssemblyPlace = {}): CloudAssembly {
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    // Tests validate the template; a deployment is not the time.
    builtinCloudFormationValidation: false,
    ...(outdir === undefined ? {} : { outdir }),
    ...(context === undefined ? {} : { context }),
  })
  const { stackName = 'burst', permissionsBoundary, assetBucket, ...settings } = options
  new BurstStack(app, stackName, {
    ...settings,
    stackName,
    assetBucket,
    synthesizer: withoutBootstrap(assetBucket),
    ...(permissionsBoundary === undefined
      ? {}
      : { permissionsBoundary: PermissionsBoundary.fromArn(permissionsBoundary) }),
  })
  return app.synth()
}

/** Uploads and deploys with the credentials at hand, by way of a bucket. */
export function withoutBootstrap(assetBucket: string): IStackSynthesizer {
  const synthesizer = new CliCredentialsStackSynthesizer({ fileAssetsBucketName: assetBucket, bucketPrefix: '' })
  return synthesizer as IStackSynthesizer
}
