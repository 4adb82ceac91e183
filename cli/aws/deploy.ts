import type { BurstConfig } from '../../core/config.ts'
import { BurstError, invalidInput } from '../../core/errors.ts'
import type { DeployOptions } from '../../infra/synth.ts'
import { whoAmI } from './account.ts'
import { ensureAssetBucket, isThere } from './asset-bucket.ts'
import { functionsBuild } from './build.ts'
import { cloudOf } from './cloud.ts'
import { DeployHost } from './deploy-host.ts'
import { refuseWhileRunning } from './lease.ts'
import { type Place, onAws } from './place.ts'
import { cloudProblem } from './problems.ts'
import { type DeployFlags, deploySettings, given } from './settings.ts'
import { type Stack, findStack } from './stack.ts'

export interface DeployRequest {
  flags: DeployFlags
  yes: boolean
  /** Even while a run is on. */
  force: boolean
  say: (line: string) => void
}

/**
 * Creates or updates the stack.
 * @throws BurstError (104) when something must be given, (97) when AWS refuses or a run is on
 */
export async function deploy(place: Place, request: DeployRequest): Promise<void> {
  const { say } = request
  const { build, version } = await functionsBuild()
  const { account } = await onAws(place, whoAmI)
  const before = await onAws(place, async () => findStack(place))
  const settings = deploySettings(request.flags, place.config, before?.allow)
  say(
    `burst ${version} (${build}) as stack '${place.stackName}' in account ${account}, ${place.endpoint ?? place.region}`,
  )
  say(`  may load ${settings.allow?.join(', ')}`)
  if (before) await onAws(place, async () => refuseWhileRunning(await cloudOf(place, before), request.force))
  await onAws(place, async () => prepareAssets(place, account, settings.assetBucket))
  const env = { account, region: place.region }
  await cdkDeploy(place, { ...request, options: { ...optionsOf(settings, place), env }, update: before !== undefined })
  const after = await onAws(place, async () => findStack(place))
  say(sentenceOn(before, after))
}

async function prepareAssets(place: Place, account: string, named: string | undefined): Promise<void> {
  if (named === undefined) return ensureAssetBucket(place, account)
  if (await isThere(place, named)) return
  throw invalidInput(`there is no bucket '${named}' for the functions' code`, {
    hint: 'create it, or leave --asset-bucket out: then burst makes one of its own',
  })
}

function sentenceOn(before: Stack | undefined, after: Stack | undefined): string {
  if (!after) throw new BurstError('runFailed', 'the stack was deployed and cannot be found')
  if (!before) return 'deployed. burst doctor -H <your target> tries it out; burst run starts a run'
  return before.build === after.build ? 'deployed: the code is the same as before' : 'deployed'
}

function optionsOf(
  settings: Omit<BurstConfig, 'region' | 'profile' | 'stackName'>,
  { stackName }: Place,
): DeployOptions {
  const { vpc, subnets, securityGroups, tags, allow = [], ...others } = settings
  const network = given({ vpcId: vpc, subnetIds: subnets, securityGroupIds: securityGroups })
  return {
    ...others,
    allow,
    stackName,
    ...(tags && { tags: { ...tags } }),
    ...(Object.keys(network).length > 0 && { network }),
  }
}

interface CdkRequest extends DeployRequest {
  options: DeployOptions
  update: boolean
}

async function cdkDeploy(place: Place, request: CdkRequest): Promise<void> {
  const [{ BaseCredentials, StackSelectionStrategy, Toolkit, ToolkitError }, { synthesize }] = await Promise.all([
    import('@aws-cdk/toolkit-lib'),
    import('../../infra/synth.ts'),
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
    // Nobody outside this process needs the template, so it goes where temporary files go.
    // oxlint-disable-next-line require-await -- the toolkit wants a promise
    const source = await toolkit.fromAssemblyBuilder(async (where) => synthesize(request.options, where))
    await toolkit.deploy(source, {
      stacks: { strategy: StackSelectionStrategy.ALL_STACKS },
      stackEventPollingInterval: place.endpoint === undefined ? 2000 : 300,
    })
  } catch (error) {
    if (ToolkitError.isAbortError(error)) throw invalidInput('nothing was deployed')
    throw deployProblem(error, { failures: host.failures, place, isToolkits: ToolkitError.isToolkitError(error) })
  }
}

interface Failure {
  failures: readonly string[]
  place: Place
  isToolkits: boolean
}

/** The first resource that failed says more than the stack, which only says that one did. */
function deployProblem(error: unknown, { failures, place, isToolkits }: Failure): unknown {
  const [first] = failures
  if (first !== undefined) {
    return new BurstError('runFailed', `the stack could not be deployed: ${first}`, { cause: error })
  }
  const causes = [error, (error as Error).cause]
  const problem = causes.map((one) => cloudProblem(one, place)).find((one) => one instanceof BurstError)
  if (problem || !isToolkits) return problem ?? error
  // What the template's own code throws comes as the cause.
  const { message } = ((error as Error).cause ?? error) as Error
  return new BurstError('runFailed', `the stack could not be deployed: ${message.trim().split('\n')[0]}`, {
    cause: error,
  })
}
