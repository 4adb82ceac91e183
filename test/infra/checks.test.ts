import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { describe, expect, it } from 'vitest'
import type { BurstStackProps } from '../../infra/stack-options.ts'
import { BurstStack } from '../../infra/stack.ts'
import { builtCode, freshFolder } from '../build/built-code.ts'

const network = { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] }
const kmsKey = 'arn:aws:kms:eu-central-1:111122223333:key/12345678-90ab-cdef-1234-567890abcdef'

/** Synthesizes the stack with every check, including the checks of CloudFormation. Throws when a check fails. */
function checked(props: Partial<BurstStackProps>, change?: (stack: BurstStack) => void): () => void {
  return () => {
    const app = new App({ outdir: freshFolder(), analyticsReporting: false })
    const stack = new BurstStack(app, 'burst', { allow: ['shop.example'], code: builtCode(), ...props })
    change?.(stack)
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
    app.synth()
  }
}

describe('the checks of cdk-nag and CloudFormation', () => {
  it.each<[string, Partial<BurstStackProps>]>([
    ['with default settings', {}],
    ['in a VPC', { network }],
    ["with the user's encryption key", { kmsKey }],
    ['with maxWorkers', { maxWorkers: 10 }],
  ])('cdk-nag and CloudFormation report only findings that the code accepts: %s', (_, props) => {
    expect(checked(props)).not.toThrow()
  })

  it('cdk-nag reports a permission that is too wide', () => {
    const widen = (stack: BurstStack): void => {
      stack.worker.function.addToRolePolicy(new PolicyStatement({ actions: ['s3:*'], resources: ['*'] }))
    }
    expect(checked({}, widen)).toThrow('wildcard permissions')
  })
})

describe('cdk synth', () => {
  it("cdk synth works with the repository's cdk.json", async () => {
    const root = join(import.meta.dirname, '..', '..')
    const { app } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { app: string }
    const [program, ...given] = app.split(' ')
    expect(program).toBe('node')
    const out = freshFolder()
    const tree = treeWithBuiltCode(root, out)
    const env = { ...process.env, CDK_OUTDIR: join(out, 'cdk.out') }
    await new Promise<void>((resolve, reject) => {
      execFile(process.execPath, given, { cwd: tree, env }, (error) => (error ? reject(error) : resolve()))
    })
    const template = JSON.parse(readFileSync(join(out, 'cdk.out', 'burst.template.json'), 'utf8')) as object
    // A template without rules and parameters can be deployed in an account without CDK bootstrap.
    expect(template).not.toHaveProperty('Rules')
    expect(template).not.toHaveProperty('Parameters')
  })
})

/** Returns the sources of the package, with substitutes for the built functions. */
function treeWithBuiltCode(root: string, out: string): string {
  const tree = join(out, 'burst')
  mkdirSync(join(tree, 'dist', 'lambda'), { recursive: true })
  for (const part of ['build', 'core', 'infra', 'package.json'])
    cpSync(join(root, part), join(tree, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  const { folder, version, build } = builtCode()
  cpSync(folder, join(tree, 'dist', 'lambda'), { recursive: true })
  writeFileSync(join(tree, 'dist', 'lambda', 'build.json'), JSON.stringify({ version, build }))
  return tree
}
