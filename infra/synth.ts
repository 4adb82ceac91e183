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

/** The options of the stack that `burst deploy` deploys. */
export interface DeployOptions extends BurstSettings {
  /** The hosts that the stack may load-test: host names, IP addresses, or patterns such as `*.example.com`. Never empty. */
  allow: readonly string[]
  /** The name of the stack. Default: `burst`. */
  stackName?: string
  /** Account and region, needed only to look up a VPC. Default: account and region of the credentials. */
  env?: Environment
  /** The bucket through which the functions' code is uploaded. */
  assetBucket: string
  /** ARN of a policy that limits every role. */
  permissionsBoundary?: string
  tags?: Record<string, string>
  /** `true`: CloudFormation refuses to delete the stack. Default false. */
  terminationProtection?: boolean
  /** The settings, stored in the stack for the next deployment. */
  noted?: Readonly<Record<string, unknown>>
  /** The folder with the functions' code. Default: the functions of this package. */
  code?: LambdaCode
}

/** The arguments that the CDK toolkit passes to a builder: the output folder, and the results of look-ups. */
export interface AssemblyPlace {
  outdir?: string
  context?: Record<string, unknown>
}

/**
 * Makes the CloudFormation template and lists the code to upload. The account need not be bootstrapped, because all steps use an existing bucket and
 * the credentials of the user who deploys.
 * @throws BurstError (104) when the options contradict each other, `allow` is invalid, or the network is incomplete; Error when the functions are not
 * built
 */
export function synthesize(options: DeployOptions, { outdir, context }: AssemblyPlace = {}): CloudAssembly {
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    // Validation runs only in the tests, because it would slow a deployment down.
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

/** Returns a synthesizer that uploads and deploys with the current credentials, through an existing bucket. */
export function withoutBootstrap(assetBucket: string): IStackSynthesizer {
  const synthesizer = new CliCredentialsStackSynthesizer({ fileAssetsBucketName: assetBucket, bucketPrefix: '' })
  return synthesizer as IStackSynthesizer
}
