/** The settings of `burst.config.ts`: where runs take place, and the stack for them. A flag of the same name takes precedence. */
export interface BurstConfig {
  /** Default: the region of the AWS profile. */
  region?: string
  /** Default: the profile that AWS's own tools use. */
  profile?: string
  /** Default `burst`. */
  stackName?: string
  /** The hosts that this stack may load: `shop.example.com`, `*.example.com`. */
  allow?: readonly string[]
  /** Memory of a worker in megabytes, default 1769, which is one whole CPU. */
  memory?: number
  /** Default `arm64`. */
  architecture?: 'arm64' | 'x86_64'
  /** The VPC of the workers, for targets that are not on the internet. Default: none. */
  vpc?: string
  subnets?: readonly string[]
  securityGroups?: readonly string[]
  /** How many days runs are kept, default 30. */
  retentionDays?: number
  /** ARN of the policy that limits the rights of the functions' roles. */
  permissionsBoundary?: string
  /** IAM path of the functions' roles, e.g. `/load-tests/`. */
  rolePath?: string
  /** ARN of the KMS key for the bucket and the queues. Default: keys that AWS manages. */
  kmsKey?: string
  /** An existing bucket for the functions' code. Default: a bucket that the first deploy creates. */
  assetBucket?: string
  /** Tags for everything that is created. */
  tags?: Readonly<Record<string, string>>
  /** Reserves this much of the account's concurrency for burst, even between runs. */
  reserve?: number
  /** The most workers at one time, enforced by AWS. Like `reserve`, it takes this concurrency from the account. */
  maxWorkers?: number
}

/** Types a `burst.config.ts`: `export default defineConfig({ allow: ['shop.example.com'] })`. */
export function defineConfig(config: BurstConfig): BurstConfig {
  return config
}
