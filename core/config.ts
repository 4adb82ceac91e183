/**
 * The settings of `burst.config.ts`: the region and profile of runs, and the settings of the stack. If a command-line flag has the same name as a
 * setting, the flag takes precedence.
 */
export interface BurstConfig {
  /** The AWS region of runs. Default: the region of the AWS profile. */
  region?: string
  /** The AWS profile of runs. Default: the profile that the AWS command line uses. */
  profile?: string
  /** The name of the CloudFormation stack. Default `burst`. */
  stackName?: string
  /** The hosts that this stack may load-test: `shop.example.com`, `*.example.com`. */
  allow?: readonly string[]
  /** The memory of a worker in megabytes. Default 1769: with this memory, a worker has one whole CPU. */
  memory?: number
  /** The processor architecture of the functions. Default `arm64`. */
  architecture?: 'arm64' | 'x86_64'
  /** The VPC of the workers, for targets that are not on the internet. Default: none. */
  vpc?: string
  subnets?: readonly string[]
  securityGroups?: readonly string[]
  /** The number of days for which runs are kept, default 30. */
  retentionDays?: number
  /** ARN of the policy that limits the permissions of the functions' roles. */
  permissionsBoundary?: string
  /** IAM path of the functions' roles, e.g. `/load-tests/`. */
  rolePath?: string
  /** ARN of the KMS key for the bucket and the queues. Default: keys that AWS manages. */
  kmsKey?: string
  /** An existing bucket for the functions' code. Default: a bucket that the first deploy creates. */
  assetBucket?: string
  /** Tags for all created resources. */
  tags?: Readonly<Record<string, string>>
  /** Reserves this many concurrent executions of the account for burst, even between runs. */
  reserve?: number
  /**
   * The maximum number of workers at one time, enforced by AWS. Like `reserve`, this option reserves this many concurrent executions of the account.
   */
  maxWorkers?: number
}

/** Gives the options in a `burst.config.ts` their types: `export default defineConfig({ allow: ['shop.example.com'] })`. */
export function defineConfig(config: BurstConfig): BurstConfig {
  return config
}
