import { type Template, Match } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, it } from 'vitest'
import { stackOf, templateOf } from '../build/built-code.ts'

let template: Template
beforeAll(() => {
  template = templateOf()
})

function functionCalled(name: string, properties: object): void {
  template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: `burst-${name}`, ...properties })
}

describe('the functions', () => {
  it.each([
    ['coordinator', 1024, 900],
    ['hooks', 1024, 120],
    ['worker', 1769, 900],
    ['merge', 1769, 10],
    ['finalise', 3008, 900],
  ])('the function %s has %i MB and a timeout of %i s, and runs on Node 24 and arm64', (name, MemorySize, Timeout) => {
    functionCalled(name, {
      MemorySize,
      Timeout,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    })
  })

  it('the environment of a function contains the id of its build and the names of its resources', () => {
    const BURST_BUILD = '1.2.3+abcdef012345'
    const BURST_BUCKET = { Ref: Match.stringLikeRegexp('^Runs') }
    for (const name of ['coordinator', 'worker', 'merge', 'finalise'])
      functionCalled(name, {
        Environment: {
          Variables: Match.objectLike({ BURST_BUILD, BURST_BUCKET, BURST_ACCOUNT: { Ref: 'AWS::AccountId' } }),
        },
      })
    functionCalled('worker', { Environment: { Variables: Match.objectLike({ BURST_ALLOW: 'shop.example' }) } })
  })

  it('concurrency is reserved only if maxWorkers is set', () => {
    expect(
      template.findResources('AWS::Lambda::Function', {
        Properties: { ReservedConcurrentExecutions: Match.anyValue() },
      }),
    ).toEqual({})
    templateOf({ maxWorkers: 40 }).hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'burst-worker',
      ReservedConcurrentExecutions: 40,
    })
    expect(() => stackOf({ maxWorkers: 40, reserve: 50 })).toThrow('the same setting')
  })

  it('each function has a log group that keeps logs for a week', () => {
    for (const name of ['coordinator', 'worker', 'merge', 'finalise'])
      template.hasResourceProperties('AWS::Logs::LogGroup', {
        LogGroupName: `/aws/lambda/burst-${name}`,
        RetentionInDays: 7,
      })
  })

  it('only the coordinator may invoke itself many times in a row', () => {
    functionCalled('coordinator', { RecursiveLoop: 'Allow' })
    for (const name of ['worker', 'merge', 'finalise']) functionCalled(name, { RecursiveLoop: Match.absent() })
  })
})

describe('asynchronous invocations', () => {
  it.each([
    ['Coordinator', 2, 3600],
    ['Worker', 0, 60],
    ['Hooks', 0, 60],
    ['Finalise', 0, 300],
  ])(
    'if an asynchronous invocation of %s (version $LATEST) fails, Lambda retries it at most %i times within %i s, and then reports the failure',
    (stage, retries, age) => {
      template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
        FunctionName: { Ref: Match.stringLikeRegexp(`^${stage}Stage`) },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: retries,
        MaximumEventAgeInSeconds: age,
        DestinationConfig: {
          OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^QueuesFailures'), 'Arn'] } },
        },
      })
    },
  )

  it('the functions have no versions or aliases, because the settings for asynchronous invocations would not apply to a version or alias', () => {
    template.resourceCountIs('AWS::Lambda::Version', 0)
    template.resourceCountIs('AWS::Lambda::Alias', 0)
    template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 4)
  })
})

describe('the queues', () => {
  it('the queue for messages accepts messages of up to 1 MiB, keeps their order within a group, and has high throughput', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      MaximumMessageSize: 1_048_576,
      VisibilityTimeout: 60,
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        maxReceiveCount: 20,
        deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^QueuesDeadLetters'), 'Arn'] },
      },
    })
  })

  it('the queue for failures is a standard queue', () => {
    const failures = template.findResources('AWS::SQS::Queue', { Properties: { FifoQueue: Match.absent() } })
    expect(Object.keys(failures)).toEqual([expect.stringMatching(/^QueuesFailures/)])
  })

  it('messages are merged in batches of ten, and a failed message does not fail its batch', () => {
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 1)
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FunctionName: { Ref: Match.stringLikeRegexp('^MergeStage') },
      EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^QueuesWindows'), 'Arn'] },
    })
  })
})

describe('the bucket', () => {
  it('the bucket is encrypted, is not public and deletes old runs', () => {
    template.hasResource('AWS::S3::Bucket', {
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        LifecycleConfiguration: {
          Rules: Match.arrayWith([
            Match.objectLike({ Prefix: 'runs/', ExpirationInDays: 30, Status: 'Enabled' }),
            Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' }),
          ]),
        },
      },
    })
  })

  it('the bucket and the queues accept only requests over TLS', () => {
    const refusal = {
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      },
    }
    template.hasResourceProperties('AWS::S3::BucketPolicy', refusal)
    template.allResourcesProperties('AWS::SQS::QueuePolicy', refusal)
    template.resourceCountIs('AWS::SQS::QueuePolicy', 3)
    const emulated = templateOf({ plainHttp: true })
    emulated.resourceCountIs('AWS::S3::BucketPolicy', 0)
    emulated.resourceCountIs('AWS::SQS::QueuePolicy', 0)
  })

  it('the bucket and its policy are retained if the stack is deleted, but are deleted if the first deployment fails', () => {
    const retained = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
    template.hasResource('AWS::S3::Bucket', retained)
    template.hasResource('AWS::S3::BucketPolicy', retained)
  })

  it('the bucket keeps runs for the requested number of days', () => {
    templateOf({ retentionDays: 7 }).hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ Prefix: 'runs/', ExpirationInDays: 7 })]) },
    })
  })
})

describe('the outputs for the command line', () => {
  it('the stack has all outputs that the command line reads', () => {
    const outputs = template.findOutputs('*')
    expect(Object.keys(outputs).toSorted()).toEqual([
      'Allow',
      'BucketName',
      'Build',
      'CoordinatorFunction',
      'DeadLetterQueueUrl',
      'FailuresQueueUrl',
      'FinaliseFunction',
      'MergeFunction',
      'QueueUrl',
      'Version',
      'WorkerFunction',
    ])
    expect([outputs['Build'], outputs['Version'], outputs['Allow']]).toEqual([
      { Value: '1.2.3+abcdef012345' },
      { Value: '1.2.3' },
      { Value: 'shop.example' },
    ])
  })

  it('the outputs of the stack include the settings of the deployment if the deployment has settings', () => {
    const outputs = templateOf({ noted: { memory: 2048 }, assetBucket: 'mine' }).findOutputs('*')
    expect([outputs['Settings'], outputs['AssetBucket']]).toEqual([{ Value: '{"memory":2048}' }, { Value: 'mine' }])
  })
})
