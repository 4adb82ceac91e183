import { BurstError } from '../../core/errors.ts'
import type { Concurrency } from './capacity.ts'
import type { Place } from './place.ts'
import { commandSettings } from '../../functions/aws/client-settings.ts'

/** Returns the account and the identity of the credentials. */
export async function whoAmI(): Promise<{ account: string; arn: string }> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient(commandSettings)
  try {
    const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}))
    return { account: Account, arn: Arn }
  } finally {
    client.destroy()
  }
}

/**
 * Reads the account's Lambda concurrency: the limit, the unreserved concurrency, the peak use of the unreserved concurrency in the last hour, and the
 * concurrency that is reserved for the worker.
 * @throws BurstError (97) when AWS does not report the limit
 */
export async function readConcurrency(place: Place, worker: string): Promise<Concurrency> {
  const { GetAccountSettingsCommand, GetFunctionConcurrencyCommand, LambdaClient } =
    await import('@aws-sdk/client-lambda')
  const client = new LambdaClient(commandSettings)
  try {
    const [settings, own, peak] = await Promise.all([
      client.send(new GetAccountSettingsCommand({})),
      client.send(new GetFunctionConcurrencyCommand({ FunctionName: worker })),
      peakConcurrency(place),
    ])
    const { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: unreserved } = settings.AccountLimit ?? {}
    if (limit === undefined) throw new BurstError('runFailed', "AWS does not report the account's Lambda concurrency")
    return { limit, unreserved: unreserved ?? limit, peak, reserved: own.ReservedConcurrentExecutions ?? null }
  } finally {
    client.destroy()
  }
}

/**
 * Returns the highest number of concurrent executions in the last hour. Does not count the executions of functions that have reserved concurrency.
 * Returns 0 for an emulator, because an emulator may have no metrics.
 */
async function peakConcurrency({ endpoint }: Place): Promise<number> {
  if (endpoint !== undefined) return 0
  const { CloudWatchClient, GetMetricStatisticsCommand } = await import('@aws-sdk/client-cloudwatch')
  const client = new CloudWatchClient(commandSettings)
  try {
    const now = Date.now()
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/Lambda',
        MetricName: 'UnreservedConcurrentExecutions',
        StartTime: new Date(now - 3_600_000),
        EndTime: new Date(now),
        Period: 60,
        Statistics: ['Maximum'],
      }),
    )
    return Math.ceil(Datapoints.reduce((most, { Maximum = 0 }) => Math.max(most, Maximum), 0))
  } finally {
    client.destroy()
  }
}

/** Returns the memory and the architecture of the deployed worker. The price of a worker per second depends on these two values. */
export async function workerRates(worker: string): Promise<{ workerMb: number; architecture: 'arm64' | 'x86_64' }> {
  const { GetFunctionConfigurationCommand, LambdaClient } = await import('@aws-sdk/client-lambda')
  const client = new LambdaClient(commandSettings)
  try {
    const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: worker }))
    const architecture = found.Architectures?.[0] === 'x86_64' ? 'x86_64' : 'arm64'
    return { workerMb: found.MemorySize ?? 1769, architecture }
  } finally {
    client.destroy()
  }
}
