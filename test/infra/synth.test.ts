import { describe, expect, it } from 'vitest'
import { type DeployOptions, synthesize } from '../../infra/synth.ts'
import { builtCode, freshFolder } from '../build/built-code.ts'

const code = builtCode()

interface Resource {
  Type: string
  Properties: Record<string, unknown>
}

function synthesized(options: Partial<DeployOptions> = {}) {
  const assembly = synthesize(
    { allow: ['shop.example'], assetBucket: 'mine', code, ...options },
    { outdir: freshFolder() },
  )
  const [stack] = assembly.stacks
  if (!stack) throw new Error('there is no stack')
  const { Resources, ...rest } = stack.template as { Resources: Record<string, Resource> }
  const ofType = (type: string): Resource[] => Object.values(Resources).filter(({ Type }) => Type === type)
  return { stack, rest, ofType }
}

describe('a deployment', () => {
  it('a deployment needs no bootstrapped account', () => {
    const { stack, rest } = synthesized()
    expect(rest).not.toHaveProperty('Rules')
    expect(rest).not.toHaveProperty('Parameters')
    expect(stack.requiresBootstrapStackVersion).toBeUndefined()
    expect(stack.assumeRoleArn).toBeUndefined()
    expect(stack.cloudFormationExecutionRoleArn).toBeUndefined()
  })

  it('the same code always gives the same template, so that a second deployment leaves all resources unchanged', () => {
    const again = synthesized({ code: builtCode() })
    expect(again.stack.template).toEqual(synthesized().stack.template)
  })

  it("the functions' code is uploaded through the bucket that the options name", () => {
    const codes = (options?: Partial<DeployOptions>): unknown[] =>
      synthesized(options)
        .ofType('AWS::Lambda::Function')
        .map(({ Properties }) => (Properties['Code'] as { S3Bucket: unknown }).S3Bucket)
    expect(codes({ assetBucket: 'other' })).toEqual(Array.from({ length: 5 }, () => 'other'))
  })

  it('the stack has the name from the options, and the names of its functions begin with this name', () => {
    const { stack, ofType } = synthesized({ stackName: 'shop-load' })
    expect(stack.stackName).toBe('shop-load')
    const names = ofType('AWS::Lambda::Function').map(({ Properties }) => String(Properties['FunctionName']))
    expect(names.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      ['coordinator', 'finalise', 'hooks', 'merge', 'worker'].map((name) => `shop-load-${name}`),
    )
  })

  it('the roles have the permissions boundary and the path that the options contain', () => {
    const boundary = 'arn:aws:iam::111122223333:policy/limits'
    const roles = synthesized({ permissionsBoundary: boundary, rolePath: '/load/' }).ofType('AWS::IAM::Role')
    expect(roles).toHaveLength(6)
    for (const { Properties } of roles)
      expect(Properties).toMatchObject({ PermissionsBoundary: boundary, Path: '/load/' })
  })

  it('the functions have the memory and the processor that the options contain', () => {
    const functions = synthesized({ memory: 3008, architecture: 'x86_64' }).ofType('AWS::Lambda::Function')
    const worker = functions.find(({ Properties }) => Properties['FunctionName'] === 'burst-worker')
    expect(worker?.Properties).toMatchObject({ MemorySize: 3008 })
    for (const { Properties } of functions) expect(Properties).toMatchObject({ Architectures: ['x86_64'] })
  })

  it('tags are set on the stack, so that CloudFormation also sets them on its resources', () => {
    expect(synthesized({ tags: { team: 'checkout' } }).stack.tags).toEqual({ team: 'checkout' })
  })

  it('`allow` may contain a wildcard below a domain that is not a public suffix', () => {
    const allow = ['*.example.com', '*.internal', '*.shop.co.uk', '*.www.ck', '*.city.kawasaki.jp']
    expect(synthesized({ allow }).rest).toMatchObject({ Outputs: { Allow: { Value: allow.join(',') } } })
  })

  it.each([
    [{ allow: [] }, 'name the hosts'],
    [{ allow: ['*'] }, 'is neither a host name nor a pattern'],
    [{ allow: ['https://shop.example/'] }, 'is neither a host name nor a pattern'],
    [{ allow: ['*.com'] }, 'com is a public suffix'],
    [{ allow: ['shop.example', '*.co.uk'] }, 'co.uk is a public suffix'],
    [{ allow: ['*.github.io'] }, 'github.io is a public suffix'],
    [{ allow: ['*.ck'] }, 'ck is a public suffix'],
    [{ allow: ['*.kawasaki.jp'] }, 'kawasaki.jp is a public suffix'],
    [{ allow: ['*.compute.amazonaws.com'] }, 'compute.amazonaws.com is a public suffix'],
    [{ allow: Array.from({ length: 400 }, (_, k) => `host-${k}.example`) }, 'the maximum of 3000'],
    [{ reserve: 3, maxWorkers: 4 }, 'give only one'],
    [{ network: { subnetIds: ['subnet-0123456789abcdef0'] } }, 'the id of its VPC'],
  ])('a stack with the options %o is refused', (options, sentence) => {
    expect(() => synthesized(options)).toThrow(sentence)
  })
})
