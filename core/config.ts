/**
 * The settings of `burst.config.ts`: the region and profile of runs, and the settings of the stack. The command-line flag for a setting takes
 * precedence. `burst deploy` keeps the deployed value of a setting that is neither in the file nor in a flag; the defaults below apply to a new
 * stack.
 */
export interface BurstConfig {
  /** The AWS region of runs. Default: the environment variable `AWS_REGION` or `AWS_DEFAULT_REGION`, or else the region of the AWS profile. */
  region?: string
  /** The AWS profile of runs. Default: the profile that the AWS command line uses. */
  profile?: string
  /** The name of the CloudFormation stack. Default `burst`. */
  stackName?: string
  /**
   * The hosts that this stack may load-test, without ports: `shop.example.com`, `*.example.com`. `burst deploy` needs at least one host, here or with
   * `--allow`.
   */
  allow?: readonly string[]
  /** The memory of a worker in megabytes, 128 to 10,240. Default 1769: with this memory, a worker has one whole CPU. */
  memory?: number
  /** The processor architecture of the functions. Default `arm64`. */
  architecture?: 'arm64' | 'x86_64'
  /** The VPC of the workers, the hooks and the coordinator, for targets that are not on the internet. Default: none. */
  vpc?: string
  /** The subnets in the VPC. Default: the private subnets of `vpc` that have a route to the internet. */
  subnets?: readonly string[]
  /** The security groups in the VPC. Default: a new group that allows all outgoing and no incoming traffic; this default requires `vpc`. */
  securityGroups?: readonly string[]
  /** The number of days for which runs are kept, 1 to 3650. Default 30. */
  retentionDays?: number
  /** The ARN of the policy that limits the permissions of the functions' roles. Default: none. */
  permissionsBoundary?: string
  /** IAM path of the functions' roles, e.g. `/load-tests/`. */
  rolePath?: string
  /** ARN of the KMS key for the bucket and the queues. Default: keys that AWS manages. */
  kmsKey?: string
  /** An existing bucket for the functions' code. Default: a bucket that the first deploy creates. */
  assetBucket?: string
  /** Tags for all created resources. Tags from `--tag` are added to these tags. */
  tags?: Readonly<Record<string, string>>
  /** Reserves this many concurrent executions of the account for burst (1 to 100,000), even between runs. Default: none. */
  reserve?: number
  /**
   * The maximum number of workers at one time (1 to 100,000), enforced by AWS. Like `reserve`, this option reserves this many concurrent executions
   * of the account. If both options are given, they must be equal. Default: none.
   */
  maxWorkers?: number
}

/** Gives the options in a `burst.config.ts` their types: `export default defineConfig({ allow: ['shop.example.com'] })`. */
export function defineConfig(config: BurstConfig): BurstConfig {
  return config
}
