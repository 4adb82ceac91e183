/** What `burst.config.ts` may say about where runs go and about the stack that carries them. A flag of the same name goes before it. */
export interface BurstConfig {
  /** Default: the one of the AWS profile. */
  region?: string
  /** Default: the one that AWS's own tools use. */
  profile?: string
  /** Default `burst`. */
  stackName?: string
  /** The hosts that this stack may load: `shop.example.com`, `*.example.com`. */
  allow?: readonly string[]
  /** Megabytes of a worker, default 1769, which is one whole CPU. */
  memory?: number
  /** Default `arm64`. */
  architecture?: 'arm64' | 'x86_64'
  /** Workers in this VPC, for targets that are not on the internet. Default: none. */
  vpc?: string
  subnets?: readonly string[]
  securityGroups?: readonly string[]
  /** How long runs are kept, default 30. */
  retentionDays?: number
  /** ARN of the policy that bounds what the functions' roles may ever do. */
  permissionsBoundary?: string
  /** IAM path of the functions' roles, e.g. `/load-tests/`. */
  rolePath?: string
  /** ARN of the KMS key for the bucket and the queues. Default: keys that AWS manages. */
  kmsKey?: string
  /** An existing bucket for the functions' code. Default: one of burst's own, made by the first deploy. */
  assetBucket?: string
  /** On everything that is created. */
  tags?: Readonly<Record<string, string>>
  /** Reserves this much of the account's concurrency for burst, also between runs. */
  reserve?: number
  /** Most workers at a time, kept by AWS; takes their concurrency like `reserve`. */
  maxWorkers?: number
}

/** Gives a `burst.config.ts` its types: `export default defineConfig({ allow: ['shop.example.com'] })`. */
export function defineConfig(config: BurstConfig): BurstConfig {
  return config
}
