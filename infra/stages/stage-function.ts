import { join } from 'node:path'
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  CfnFunction,
  Code,
  Function as LambdaFunction,
  type FunctionProps,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { LambdaCode, LambdaName } from '../../build/lambda-code.ts'
import type { RunsBucket } from '../bucket.ts'
import type { Network } from '../network.ts'
import type { BurstSettings } from '../stack-options.ts'
import {
  type BucketAccess,
  allowOn,
  bucketStatements,
  bucketWildcards,
  keyStatements,
  networkStatement,
  networkWildcards,
} from '../permissions.ts'

/** The properties that all functions of a stack share. */
export interface StageContext {
  code: LambdaCode
  options: BurstSettings
}

export interface StageProps extends StageContext {
  name: LambdaName
  memorySize: number
  timeout: Duration
  environment: Record<string, string>
  bucket: RunsBucket
  /** The access to the bucket. Undefined: no access, not even the permission to list the bucket. */
  access: BucketAccess | undefined
  /**
   * Further permissions. Each function also has permissions for its objects in the bucket (`access`), for its log group, for the user's key, if any,
   * and for network interfaces, if `network` is set.
   */
  statements: PolicyStatement[]
  settings?: Pick<FunctionProps, 'recursiveLoop' | 'reservedConcurrentExecutions'>
  network?: Network | undefined
}

/** The handling of asynchronous invocations. */
export interface AsyncProps {
  retryAttempts: 0 | 1 | 2
  maxEventAge: Duration
  /** The queue for events that failed or became too old. */
  failures: IQueue
}

/**
 * A function with its own role and log group. The function is invoked as `$LATEST`, because versions and aliases do not inherit the settings for
 * asynchronous invocations.
 */
export class StageFunction extends Construct {
  readonly function: LambdaFunction
  readonly role: Role

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id)
    const functionName = functionNameOf(this, props.name)
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    this.role = this.#role(props, logGroup)
    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      runtime: Runtime.NODEJS_24_X,
      architecture: props.options.architecture === 'x86_64' ? Architecture.X86_64 : Architecture.ARM_64,
      code: Code.fromAsset(join(props.code.folder, props.name)),
      handler: 'index.handler',
      memorySize: props.memorySize,
      timeout: props.timeout,
      environment: {
        BURST_BUCKET: props.bucket.bucket.bucketName,
        BURST_ACCOUNT: Stack.of(this).account,
        ...props.environment,
        BURST_BUILD: props.code.build,
      },
      role: this.role,
      logGroup,
      ...props.settings,
    })
    if (props.network) this.#enter(props.network)
    this.#acknowledge(props)
  }

  /** Sets how Lambda handles asynchronous invocations of the function. */
  invokedWithoutWaiting({ failures, ...how }: AsyncProps): void {
    this.function.configureAsyncInvoke({ ...how, onFailure: { bind: () => ({ destination: failures.queueArn }) } })
  }

  #role({ options, bucket, access, statements, network }: StageProps, logGroup: LogGroup): Role {
    const { rolePath } = options
    return new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        stage: new PolicyDocument({
          statements: [
            ...(access ? bucketStatements(bucket, access) : []),
            ...statements,
            ...keyStatements(options.kmsKey),
            allowOn(logGroup.logGroupArn, 'logs:CreateLogStream', 'logs:PutLogEvents'),
            ...(network ? [networkStatement()] : []),
          ],
        }),
      },
      ...(rolePath === undefined ? {} : { path: rolePath }),
    })
  }

  #enter({ subnetIds, securityGroupIds }: Network): void {
    const resource = this.function.node.defaultChild as CfnFunction
    resource.vpcConfig = { subnetIds, securityGroupIds }
  }

  #acknowledge({ bucket, access, network }: StageProps): void {
    Validations.of(this.role).acknowledge(
      ...bucketWildcards(bucket, access ?? {}),
      ...(network ? networkWildcards : []),
    )
    Validations.of(this.function).acknowledge(
      {
        id: 'Serverless::Serverless-LambdaTracing',
        reason:
          'The messages of a worker already contain what a trace would show, and each trace costs money; users can add X-Ray themselves.',
      },
      {
        id: 'Serverless::Serverless-LambdaDLQ',
        reason:
          'A failed asynchronous invocation is sent to the failures queue with the reason. A failed message of a queue returns to that queue.',
      },
    )
  }
}

/**
 * Returns the fixed name of a function. With a fixed name, the permissions of a function can contain the name of the function itself, and people find
 * the function easily.
 */
export function functionNameOf(scope: Construct, name: LambdaName): string {
  return `${Stack.of(scope).stackName}-${name}`
}
