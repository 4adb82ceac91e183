import type { StackProps } from 'aws-cdk-lib'
import type { BurstConfig } from '../core/config.ts'
import { invalidInput } from '../core/errors.ts'
import type { LambdaCode } from '../build/lambda-code.ts'
import { suffixCoveredBy } from './public-suffix.ts'

/**
 * The private network of the workers, the hooks and the coordinator, for targets that are not public. The network needs a route to S3, SQS, Lambda,
 * STS and the targets.
 */
export interface NetworkOptions {
  /** The VPC. If the options name no subnets, burst looks up the VPC and uses its private subnets with a route to the internet. */
  vpcId?: string
  subnetIds?: readonly string[]
  /** The security groups. Default: a new security group that allows all outgoing traffic and no incoming traffic. The default requires `vpcId`. */
  securityGroupIds?: readonly string[]
}

/** Settings that also exist in `burst.config.ts`, where they have the same meaning, defaults and limits. */
type SharedSettings = Pick<
  BurstConfig,
  'memory' | 'architecture' | 'retentionDays' | 'rolePath' | 'kmsKey' | 'reserve' | 'maxWorkers'
>

/** The options of the functions and of their resources. */
export interface BurstSettings extends SharedSettings {
  /** The network of the generators. Default: no network; the generators then reach only public targets. */
  network?: NetworkOptions
  /** Allows access to the bucket and the queues without TLS, for example for an emulator at an `http:` address. Default false. */
  plainHttp?: boolean
}

/** The properties of a stack in CDK, and the options of burst. */
export interface BurstStackProps extends StackProps, BurstSettings {
  /** The hosts that the stack may load-test: host names, IP addresses, or patterns such as `*.example.com`. Never empty. */
  allow: readonly string[]
  /** The folder with the functions' code. Default: the functions of this package. */
  code?: LambdaCode
  /**
   * The settings of the deployment, stored as the output `Settings`. The next `burst deploy` reads these settings. Default: the stack has no output
   * `Settings`.
   */
  noted?: Readonly<Record<string, unknown>>
  /** The bucket with the functions' code, stored as the output `AssetBucket`. Default: the stack has no output `AssetBucket`. */
  assetBucket?: string
}

/** The maximum number of characters of the allowed hosts. Lambda accepts 4 KB of environment variables, and all other variables are short. */
const mostAllowedCharacters = 3000
const hostPattern = /^(?:\*\.)?[\w-]+(?:\.[\w-]+)*$|^\[[\da-f:]+\]$/i

/**
 * Returns the hosts in the form that the workers read.
 * @throws BurstError (104) when the list is empty or has more than 3,000 characters, when an item is not a host, or when a pattern covers a public
 * suffix
 */
export function allowedHosts(allow: readonly string[]): string {
  if (allow.length === 0) throw invalidInput('name the hosts that this stack may load-test (allow)')
  const wrong = allow.find((host) => !hostPattern.test(host) || /^\*\..*\b\d+$/.test(host))
  if (wrong !== undefined) throw invalidInput(`"${wrong}" is neither a host name nor a pattern like *.example.com`)
  for (const pattern of allow.filter((host) => host.startsWith('*.'))) {
    const suffix = suffixCoveredBy(pattern.slice(2))
    if (suffix === undefined) continue
    throw invalidInput(`"${pattern}" allows the hosts of many owners: ${suffix} is a public suffix`, {
      hint: 'name your own hosts, like shop.example.com or *.example.com',
    })
  }
  const joined = allow.join(',')
  if (joined.length <= mostAllowedCharacters) return joined
  throw invalidInput(
    `the allowed hosts have ${joined.length} characters, more than the maximum of ${mostAllowedCharacters}: replace several hosts with a pattern such as *.example.com`,
  )
}

/**
 * Returns the reserved concurrency of the worker function; undefined if the options set neither `reserve` nor `maxWorkers`.
 * @throws BurstError (104) when the options contain two different limits
 */
export function reservedConcurrency({ reserve, maxWorkers }: BurstSettings): number | undefined {
  if (reserve !== undefined && maxWorkers !== undefined && reserve !== maxWorkers)
    throw invalidInput(
      `reserve (${reserve}) and maxWorkers (${maxWorkers}) are the same setting of Lambda: give only one`,
    )
  return reserve ?? maxWorkers
}
