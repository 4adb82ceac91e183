import { beforeAll, describe, expect, it } from 'vitest'
import { Match, type Template } from 'aws-cdk-lib/assertions'
import { keys, outputFiles } from '../../functions/keys.ts'
import { policiesOf, rightsOf, templateOf } from '../build/built-code.ts'

let template: Template
beforeAll(() => {
  template = templateOf()
})

/** Returns true if one of the permissions allows the action on the key. As in IAM, `*` matches any string, including `/`. */
function covers(rights: readonly string[], action: string, key: string): boolean {
  const places = rights.flatMap((right) => {
    const [, found, place] = /^(\S+) RunsBucket\/(.+)$/.exec(right) ?? []
    return found === action && place ? [place] : []
  })
  return places.some((place) => new RegExp(`^${place.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(key))
}

const [plan, control, coordinator] = [keys.plan('r'), keys.control('r'), keys.coordinator('r')]
const [claim, hook, shard] = [keys.claim('r', 1, 0), keys.hook('r', 'beforeRun'), keys.shard('r', 2)]
const [sealed, bundle, active] = [keys.sealed('r', 2, 3, 'abc'), keys.bundle('abc'), keys.active('r')]
const [late, unreadable, failure] = [keys.late('r', 'm'), keys.unreadable('r', 'm'), keys.failure('r', 'm')]
const [secret, variables, ending] = [keys.secret('r'), keys.variables('r'), keys.ending('r')]
const finaliser = keys.finaliser('r', '1-0')
const outputs = outputFiles.map((file) => keys.output('r', file))
const everything = [
  plan,
  secret,
  variables,
  control,
  coordinator,
  claim,
  hook,
  shard,
  sealed,
  bundle,
  active,
  keys.halt,
  late,
  unreadable,
  ending,
  finaliser,
  ...outputs,
]

describe('the permissions of a function', () => {
  it.each([
    ['Coordinator', 'GetObject', [plan, secret, control, coordinator, claim, hook, shard, sealed, failure, keys.halt]],
    ['Coordinator', 'PutObject', [plan, control, coordinator, claim, hook, failure]],
    ['Coordinator', 'DeleteObject', [active, variables, keys.halt]],
    ['Hooks', 'GetObject', []],
    ['Hooks', 'PutObject', []],
    ['Worker', 'GetObject', []],
    ['Worker', 'PutObject', []],
    ['Worker', 'DeleteObject', []],
    ['Run', 'GetObject', [plan, secret, variables, control, claim, hook, bundle, keys.halt]],
    ['Run', 'PutObject', [claim, hook]],
    ['Run', 'DeleteObject', []],
    ['Merge', 'GetObject', [plan, secret, control, shard, sealed]],
    ['Merge', 'PutObject', [shard, sealed, late, unreadable]],
    ['Merge', 'DeleteObject', []],
    ['Finalise', 'GetObject', [plan, secret, control, coordinator, shard, sealed, ending]],
    ['Finalise', 'PutObject', [shard, sealed, late, unreadable, ending, finaliser, ...outputs]],
    ['Finalise', 'DeleteObject', [variables]],
  ])('the role of %s has s3:%s only for the objects that it needs', (stage, action, allowed) => {
    const rights = rightsOf(template, stage)
    expect(everything.filter((key) => covers(rights, `s3:${action}`, key))).toEqual(
      everything.filter((key) => allowed.includes(key)),
    )
  })

  it.each([
    [
      'Coordinator',
      [
        'lambda:InvokeFunction arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:burst-coordinator',
        'lambda:InvokeFunction arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:burst-finalise',
        'lambda:InvokeFunction arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:burst-hooks',
        'lambda:InvokeFunction arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:burst-worker',
        'sqs:DeleteMessage QueuesFailures',
        'sqs:GetQueueAttributes QueuesWindows',
        'sqs:ReceiveMessage QueuesFailures',
        'sqs:SendMessage QueuesFailures',
        'sts:AssumeRole arn:<AWS::Partition>:iam::<AWS::AccountId>:role/burst-run-<AWS::Region>',
      ],
    ],
    ['Worker', ['sqs:SendMessage QueuesFailures']],
    ['Hooks', ['sqs:SendMessage QueuesFailures']],
    [
      'Merge',
      // Lambda needs these permissions to poll the queue. Emulators poll without these permissions.
      [
        'sqs:ChangeMessageVisibility QueuesWindows',
        'sqs:DeleteMessage QueuesWindows',
        'sqs:GetQueueAttributes QueuesWindows',
        'sqs:ReceiveMessage QueuesWindows',
      ],
    ],
    [
      'Finalise',
      ['sqs:DeleteMessage QueuesDeadLetters', 'sqs:ReceiveMessage QueuesDeadLetters', 'sqs:SendMessage QueuesFailures'],
    ],
  ])('apart from the bucket and the log, the role of %s allows only the listed actions', (stage, allowed) => {
    const rights = rightsOf(template, stage)
    expect(rights.filter((right) => !/^(?:s3:|logs:)/.test(right))).toEqual(allowed)
    expect(rights.filter((right) => right.startsWith('logs:'))).toEqual([
      `logs:CreateLogStream ${stage}StageLogs`,
      `logs:PutLogEvents ${stage}StageLogs`,
    ])
    // The code of a scenario can use the roles of `Worker` and `Hooks`. These two roles therefore have no access to objects and cannot list the
    // bucket.
    expect(rights.includes('s3:ListBucket RunsBucket')).toBe(stage !== 'Worker' && stage !== 'Hooks')
  })

  it('the permissions for one run belong to a separate role that only the coordinator can assume', () => {
    expect(rightsOf(template, 'Run').filter((right) => !right.startsWith('s3:'))).toEqual([
      'sqs:SendMessage QueuesWindows',
    ])
    expect(rightsOf(template, 'Run').some((right) => right.startsWith('s3:ListBucket'))).toBe(false)
    template.hasResourceProperties('AWS::IAM::Role', {
      RoleName: { 'Fn::Join': ['', ['burst-run-', { Ref: 'AWS::Region' }]] },
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::GetAtt': [Match.stringLikeRegexp('^CoordinatorStageRole'), 'Arn'] } },
          },
        ],
      },
    })
    const path = templateOf({ rolePath: '/load/' })
    expect(rightsOf(path, 'Coordinator')).toContain(
      'sts:AssumeRole arn:<AWS::Partition>:iam::<AWS::AccountId>:role/load/burst-run-<AWS::Region>',
    )
  })

  it('the roles have no managed policies, and their permissions have wildcards only for objects in the bucket', () => {
    for (const role of Object.values(template.findResources('AWS::IAM::Role')))
      expect(role['Properties']).not.toHaveProperty('ManagedPolicyArns')
    template.resourceCountIs('AWS::IAM::Policy', 0)
    const stages = ['Coordinator', 'Hooks', 'Worker', 'Run', 'Merge', 'Finalise']
    const wild = stages.flatMap((stage) => rightsOf(template, stage)).filter((right) => right.includes('*'))
    expect(wild.filter((right) => !/^s3:\w+Object RunsBucket\/(?:runs|bundles|active)\//.test(right))).toEqual([])
  })

  it('only the actions for network interfaces apply to all resources, and only functions in a VPC have these actions', () => {
    const network = { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] }
    const inside = templateOf({ network })
    const wild = ['Coordinator', 'Worker'].flatMap((stage) =>
      rightsOf(inside, stage).filter((right) => right.endsWith(' *')),
    )
    expect(wild.length).toBeGreaterThan(0)
    expect(wild.filter((right) => !/^ec2:\w*(?:NetworkInterfaces?|Subnets|PrivateIpAddresses) /.test(right))).toEqual(
      [],
    )
    inside.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'burst-worker',
      VpcConfig: { SubnetIds: ['subnet-0123456789abcdef0'], SecurityGroupIds: ['sg-0123456789abcdef0'] },
    })
  })

  it("the roles may use the user's encryption key if a key is set", () => {
    const kmsKey = 'arn:aws:kms:eu-central-1:111122223333:key/1'
    const encrypted = templateOf({ kmsKey })
    for (const stage of ['Coordinator', 'Worker', 'Merge', 'Finalise'])
      expect(rightsOf(encrypted, stage)).toEqual(
        expect.arrayContaining([`kms:Decrypt ${kmsKey}`, `kms:GenerateDataKey ${kmsKey}`]),
      )
    encrypted.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: kmsKey },
          },
        ],
      },
    })
    encrypted.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: kmsKey })
  })

  it('the policies of the roles consist only of allow statements without conditions', () => {
    const roles = Object.values(template.findResources('AWS::IAM::Role'))
    for (const { PolicyDocument } of roles.flatMap(policiesOf))
      for (const statement of PolicyDocument.Statement)
        expect(Object.keys(statement).toSorted()).toEqual(['Action', 'Effect', 'Resource'])
  })
})
