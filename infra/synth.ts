import {
  App,
  CliCredentialsStackSynthesizer,
  type Environment,
  type IStackSynthesizer,
  PermissionsBoundary,
} from 'aws-cdk-lib'
import type { CloudAssembly } from 'aws-cdk-lib/cx-api'
import type { LambdaCode } from './lambda-code.ts'
import type { BurstSettings } from './options.ts'
import { BurstStack } from './stack.ts'

/** What `burst deploy` deploys. */
export interface DeployOptions extends BurstSettings {
  /** Targets that the stack may load: host names, also `*.example.com`. Never empty. */
  allow: readonly string[]
  /** Default `burst`. */
  stackName?: string
  /** Where; needed only when a VPC is looked up. Default: where the credentials lead. */
  env?: Environment
  /** Takes the functions' code on its way. Default `burst-assets-<account>-<region>`. */
  assetBucket?: string
  /** ARN of a policy that bounds every role. */
  permissionsBoundary?: string
  tags?: Record<string, string>
  /** Default: the functions that this package brings. */
  code?: LambdaCode
}

/** What the CDK toolkit gives to a builder: where to write, and what it has looked up. */
export interface AssemblyPlace {
  outdir?: string
  context?: Record<string, unknown>
}

/** CloudFormation fills in the account and the region. */
const defaultAssetBucket = 'burst-assets-${AWS::AccountId}-${AWS::Region}'

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
    synthesizer: withoutBootstrap(assetBucket),
    ...(permissionsBoundary === undefined
      ? {}
      : { permissionsBoundary: PermissionsBoundary.fromArn(permissionsBoundary) }),
  })
  return app.synth()
}

/** Uploads and deploys with the credentials at hand, by way of a bucket. */
export function withoutBootstrap(assetBucket = defaultAssetBucket): IStackSynthesizer {
  const synthesizer = new CliCredentialsStackSynthesizer({ fileAssetsBucketName: assetBucket, bucketPrefix: '' })
  return synthesizer as IStackSynthesizer
}
