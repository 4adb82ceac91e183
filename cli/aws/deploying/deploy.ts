import { BurstError, invalidInput } from '../../../core/errors.ts'
import type { DeployOptions } from '../../../infra/synth.ts'
import { shortened } from '../../../core/verdict/completeness/loss.ts'
import { whoAmI } from '../account.ts'
import { agrees } from '../ask.ts'
import { assetBucketFor, makeBucket } from './asset-bucket.ts'
import { deleteBucket } from '../s3-buckets.ts'
import { functionsBuild } from '../functions-build.ts'
import { cloudOf } from '../cloud.ts'
import { requireCdk } from './cdk.ts'
import { DeployHost } from './deploy-host.ts'
import { refuseWhileRunning } from './refuse-while-running.ts'
import { type Place, onAws } from '../place.ts'
import { cloudProblem } from '../cloud-problem.ts'
import { settingChanges, settingLines } from './setting-changes.ts'
import { given } from '../../flags/run-options.ts'
import { type DeployFlags, deploySettings } from '../deploy-settings.ts'
import type { StackSettings } from '../settings-schema.ts'
import { type Stack, findStack } from '../find-stack.ts'
import { withOwnedToolkit } from './toolkit-owner.ts'

export interface DeployRequest {
  flags: DeployFlags
  yes: boolean
  /** `true` to deploy even while a run is in progress. */
  force: boolean
  say: (line: string) => void
}

/**
 * Creates or updates the stack with the settings that `deploySettings` returns. First shows these settings and, if the stack exists, the changes.
 * Unless `yes` is true, asks for confirmation before it creates a stack or changes a setting.
 * @throws BurstError (104) when a setting is not valid, there is no host, or a question is declined or cannot be asked; (97) when AWS refuses, when
 * a run is in progress and `force` is false, when the CDK is not installed, or when the functions are not built
 */
export async function deploy(place: Place, request: DeployRequest): Promise<void> {
  const { say } = request
  requireCdk()
  const { build, version } = await functionsBuild()
  const { account } = await onAws(place, whoAmI)
  const before = await onAws(place, async () => findStack(place))
  const settings = deploySettings(request.flags, place.config, before?.settings ?? hostsOf(before))
  say(
    `burst ${version} (${build}) as stack '${place.stackName}' in account ${account}, ${place.endpoint ?? place.region}`,
  )
  say(`  may load-test ${settings.allow?.join(', ')}`)
  for (const line of settingLines(settings)) say(`  ${line}`)
  if (before) {
    await onAws(place, async () => refuseWhileRunning(await cloudOf(place, before), request.force))
    await agreeOnChanges(before, settings, request)
  }
  const changed = await carryOut(place, { request, settings, before, account })
  say(sentenceOn(before, build, changed))
}

interface Decided {
  request: DeployRequest
  settings: StackSettings
  before: Stack | undefined
  account: string
}

/** @returns true if a resource was changed */
async function carryOut(place: Place, { request, settings, before, account }: Decided): Promise<boolean> {
  const named = settings.assetBucket
  const assets = await onAws(place, async () => assetBucketFor(place, { named, account, stack: before }))
  await agreeOnNew(before, assets.isNew, request.yes)
  if (assets.isNew) await onAws(place, async () => makeBucket(place, account, assets.name))
  const env = { account, region: place.region }
  const options = { ...optionsOf(settings, place, before), assetBucket: assets.name, env }
  try {
    const yes = request.yes || before === undefined
    return await cdkDeploy(place, { ...request, yes, account, options, update: before !== undefined })
  } catch (error) {
    if (assets.isNew) await forgetAssets(account, assets.name, request.say)
    throw error
  }
}

/**
 * Asks for confirmation before burst creates a new stack or a new bucket for the code. CDK also asks questions, but only after burst has created the
 * bucket.
 * @throws BurstError (104) when the person declines, or when there is no terminal and no --yes
 */
async function agreeOnNew(before: Stack | undefined, isBucketNew: boolean, yes: boolean): Promise<void> {
  if (before && !isBucketNew) return
  const question = before
    ? "This creates a bucket for the functions' code in the account. Deploy the stack?"
    : 'This creates functions, queues, a bucket and the IAM roles of the functions. Deploy the stack?'
  if (!(await agrees(question, yes))) throw invalidInput('the stack was not deployed')
}

/**
 * Deletes the code bucket that a failed deployment has created. Does not throw if the bucket cannot be deleted, because the error of the deployment
 * matters more.
 */
async function forgetAssets(account: string, bucket: string, say: (line: string) => void): Promise<void> {
  try {
    await deleteBucket(account, bucket)
  } catch {
    say(`  note: s3://${bucket} is not deleted; you can delete it`)
  }
}

function hostsOf(stack: Stack | undefined): StackSettings | undefined {
  return stack && { allow: stack.allow }
}

/** @throws BurstError (104) when the changes are declined, or when there is no terminal and no --yes */
async function agreeOnChanges(before: Stack, settings: StackSettings, { say, yes }: DeployRequest): Promise<void> {
  if (before.settings === undefined) {
    say(
      '  note: the stack does not report how it was deployed; it keeps its hosts, but other settings that you do not specify now are reset to their defaults',
    )
    if (await agrees('Deploy the stack with the settings above?', yes)) return
    throw invalidInput('the stack was not deployed')
  }
  const changes = settingChanges(before.settings, settings)
  if (changes.length === 0) return
  say('this changes the settings of the stack:')
  for (const line of changes) say(`  ${line}`)
  if (await agrees('Deploy these changes?', yes)) return
  throw invalidInput('the stack was not deployed')
}

/** Returns the last message of the deployment. @param changed false when CloudFormation had nothing to change */
function sentenceOn(before: Stack | undefined, build: string, changed: boolean): string {
  if (!before) return 'deployed. burst doctor -H <your target> checks the stack; burst run starts a run'
  if (!changed) return `unchanged: this code (${build}) and these settings are already deployed`
  if (before.build === build) return `deployed: the settings changed, the code is the same as before (${build})`
  return `deployed: the code changed from ${before.build} to ${build}`
}

function optionsOf(
  settings: StackSettings,
  { stackName }: Place,
  before: Stack | undefined,
): Omit<DeployOptions, 'assetBucket'> {
  const { vpc, subnets, securityGroups, tags, allow = [], assetBucket, ...others } = settings
  const network = given({ vpcId: vpc, subnetIds: subnets, securityGroupIds: securityGroups })
  return {
    ...others,
    allow,
    stackName,
    // `noted` does not contain the hosts, because they are in a separate output. `noted` does not contain the tags, because they are tags of the
    // stack itself.
    noted: { ...given({ vpc, subnets, securityGroups, assetBucket }), ...others },
    terminationProtection: before?.terminationProtection ?? false,
    ...(tags && { tags: { ...tags } }),
    ...(Object.keys(network).length > 0 && { network }),
  }
}

interface CdkRequest extends DeployRequest {
  account: string
  options: DeployOptions
  update: boolean
}

/** @returns true if a resource was changed */
async function cdkDeploy(place: Place, request: CdkRequest): Promise<boolean> {
  const [{ BaseCredentials, StackSelectionStrategy, Toolkit, ToolkitError }, { synthesize }] = await Promise.all([
    import('@aws-cdk/toolkit-lib'),
    import('../../../infra/synth.ts'),
  ])
  const host = new DeployHost(request)
  const credentials = BaseCredentials.awsCliCompatible({
    defaultRegion: place.region,
    ...(place.profile !== undefined && { profile: place.profile }),
  })
  const toolkit = new Toolkit({
    ioHost: host,
    color: false,
    emojis: false,
    sdkConfig: { baseCredentials: credentials },
  })
  try {
    // `where` contains a temporary folder of the toolkit. `synthesize` writes the template to this folder, because only this process needs the
    // template.
    const source = await toolkit.fromAssemblyBuilder(async (where) => synthesize(request.options, where))
    await withOwnedToolkit(request.account, async () =>
      toolkit.deploy(source, {
        stacks: { strategy: StackSelectionStrategy.ALL_STACKS },
        stackEventPollingInterval: place.endpoint === undefined ? 2000 : 300,
      }),
    )
    return host.changed
  } catch (error) {
    if (ToolkitError.isAbortError(error)) throw invalidInput('the stack was not deployed')
    throw deployProblem(error, { failures: host.failures, place, isToolkits: ToolkitError.isToolkitError(error) })
  }
}

interface Failure {
  failures: readonly string[]
  place: Place
  isToolkits: boolean
}

/**
 * If a resource failed, returns an error with the reason why the first resource failed. `error` itself says only that a resource failed. If no
 * resource failed, converts an error of AWS or of the toolkit to a BurstError, and returns any other error unchanged.
 */
function deployProblem(error: unknown, { failures, place, isToolkits }: Failure): unknown {
  const [first] = failures
  if (first !== undefined) {
    return new BurstError('runFailed', `the stack could not be deployed: ${first}`, { cause: error })
  }
  const causes = [error, (error as Error).cause]
  const problem = causes.map((one) => cloudProblem(one, place)).find((one) => one instanceof BurstError)
  if (problem || !isToolkits) return problem ?? error
  // If the code of the template throws an error, the toolkit wraps this error in another error. The inner error says what is wrong.
  const { message } = ((error as Error).cause ?? error) as Error
  return new BurstError('runFailed', `the stack could not be deployed: ${shortened(message)}`, {
    cause: error,
  })
}
