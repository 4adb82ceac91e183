import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  ListRolesCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import type { Cloud } from './emulators/cloud.ts'

/** The AWS account behind an endpoint. The tests read the account with the AWS SDK and not with burst. */
export class Account {
  readonly settings

  constructor({ endpoint, certificate }: Cloud) {
    const ca = certificate && readFileSync(certificate)
    this.settings = {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: { httpsAgent: new Agent({ ca, keepAlive: true }) },
    }
  }

  /**
   * Returns the names of all stacks, buckets, functions, queues, roles and log groups in the account. burst could leave such resources behind. The
   * key is the kind, e.g. `stacks`.
   */
  async inventory(): Promise<Record<string, string[]>> {
    const { Stacks = [] } = await this.cloudFormation.send(new DescribeStacksCommand())
    const { Buckets = [] } = await this.s3.send(new ListBucketsCommand())
    const { Functions = [] } = await this.lambda.send(new ListFunctionsCommand())
    const { QueueUrls = [] } = await this.sqs.send(new ListQueuesCommand())
    const { Roles = [] } = await new IAMClient(this.settings).send(new ListRolesCommand())
    const { logGroups = [] } = await new CloudWatchLogsClient(this.settings).send(new DescribeLogGroupsCommand())
    return {
      // LocalStack also lists deleted stacks.
      stacks: named(Stacks.filter((one) => one.StackStatus !== 'DELETE_COMPLETE').map((one) => one.StackName)),
      buckets: named(Buckets.map((one) => one.Name)),
      functions: named(Functions.map((one) => one.FunctionName)),
      queues: named(QueueUrls),
      roles: named(Roles.filter((one) => !one.Path?.startsWith('/aws-service-role/')).map((one) => one.RoleName)),
      logGroups: named(logGroups.map((one) => one.logGroupName)),
    }
  }

  /** Returns the value of an output of the stack. */
  async output(name: string): Promise<string> {
    const { Stacks = [] } = await this.cloudFormation.send(new DescribeStacksCommand({ StackName: 'burst' }))
    const found = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue
    if (found === undefined) throw new Error(`the stack has no output ${name}`)
    return found
  }

  /** Returns the hash and the date of each function's code. A deployment that changes the code would change both values. */
  async version(): Promise<unknown> {
    const names = await Promise.all(['CoordinatorFunction', 'WorkerFunction'].map((name) => this.output(name)))
    const functions = await Promise.all(
      names.map((FunctionName) => this.lambda.send(new GetFunctionCommand({ FunctionName }))),
    )
    return functions.map(({ Configuration }) => [Configuration?.CodeSha256, Configuration?.LastModified])
  }

  /** Returns the keys in burst's bucket that begin with `prefix`. */
  async keys(prefix: string): Promise<string[]> {
    const Bucket = await this.output('BucketName')
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }))
    return named(Contents.map(({ Key }) => Key))
  }

  async object(key: string): Promise<string> {
    const Bucket = await this.output('BucketName')
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key: key }))
    return (await Body?.transformToString()) ?? ''
  }

  async put(key: string, body: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: await this.output('BucketName'), Key: key, Body: body }))
  }

  async remove(key: string): Promise<void> {
    const Bucket = await this.output('BucketName')
    await this.s3.send(new DeleteObjectCommand({ Bucket, Key: key }))
  }

  /**
   * Adds variables to the environment of a function. Waits until the function is updated, because LocalStack loses an asynchronous invocation that
   * arrives during the update. `Timeout` is in seconds; by default the timeout stays unchanged.
   */
  async configure(FunctionName: string, added: Record<string, string>, Timeout?: number): Promise<void> {
    const { Environment } = await this.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
    const Variables = { ...Environment?.Variables, ...added }
    const changed = { FunctionName, Environment: { Variables }, Timeout }
    await this.lambda.send(new UpdateFunctionConfigurationCommand(changed))
    await waitUntilFunctionUpdatedV2({ client: this.lambda, maxWaitTime: 60 }, { FunctionName })
  }

  /** Creates an IAM user that may do everything except one action. Returns the AWS settings of this user. */
  async userWithout(action: string): Promise<NodeJS.ProcessEnv> {
    const iam = new IAMClient(this.settings)
    const UserName = `without-${action.replace(':', '-')}`
    await iam.send(new CreateUserCommand({ UserName }))
    const Statement = [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: action, Resource: '*' },
    ]
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'all-but-one', PolicyDocument }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    return {
      AWS_ENDPOINT_URL: this.settings.endpoint,
      AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey,
    }
  }

  get cloudFormation(): CloudFormationClient {
    return new CloudFormationClient(this.settings)
  }

  get lambda(): LambdaClient {
    return new LambdaClient(this.settings)
  }

  get s3(): S3Client {
    return new S3Client({ ...this.settings, forcePathStyle: true })
  }

  get sqs(): SQSClient {
    return new SQSClient(this.settings)
  }
}

function named(names: readonly (string | undefined)[]): string[] {
  return names.filter((name) => name !== undefined).toSorted()
}
