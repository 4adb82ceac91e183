import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll } from 'vitest'
import { type LambdaCode, lambdaNames } from '../../build/lambda-code.ts'
import type { BurstStackProps } from '../../infra/stack-options.ts'
import { BurstStack } from '../../infra/stack.ts'

const place = mkdtempSync(join(tmpdir(), 'burst-infra-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** Returns an empty folder that is removed after the tests. */
export function freshFolder(): string {
  return mkdtempSync(join(place, 'folder-'))
}

/** Writes nearly empty functions. Their files have the same names as the files of a build. */
export function builtCode(): LambdaCode {
  const folder = freshFolder()
  for (const name of lambdaNames) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'index.mjs'), `export const handler = async () => '${name}'\n`)
  }
  return { folder, version: '1.2.3', build: '1.2.3+abcdef012345' }
}

export function stackOf(props: Partial<BurstStackProps> = {}): BurstStack {
  const app = new App({ outdir: freshFolder(), analyticsReporting: false, builtinCloudFormationValidation: false })
  return new BurstStack(app, 'burst', { allow: ['shop.example'], code: builtCode(), ...props })
}

export function templateOf(props: Partial<BurstStackProps> = {}): Template {
  return Template.fromStack(stackOf(props))
}

export interface Statement {
  Action: string | string[]
  Effect: string
  Resource: unknown
}

/** Returns the permissions of a function's role, each as `action resource` with a short resource name. */
export function rightsOf(template: Template, stage: string): string[] {
  const roles = template.findResources('AWS::IAM::Role')
  const found = Object.entries(roles).filter(([id]) => id.startsWith(`${stage}Stage`) || id.startsWith(`${stage}Role`))
  return found
    .flatMap(([, role]) => policiesOf(role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${inShort(resource)}`)),
    )
    .toSorted()
}

/** Returns the policies of a role. */
export function policiesOf(role: Record<string, unknown>): { PolicyDocument: { Statement: Statement[] } }[] {
  return (role['Properties'] as { Policies: { PolicyDocument: { Statement: Statement[] } }[] }).Policies
}

function inShort(resource: unknown): string {
  if (typeof resource === 'string') return resource
  const { 'Fn::GetAtt': attribute, 'Fn::Join': join, Ref: ref } = resource as Record<string, unknown>
  if (attribute) return nameOf((attribute as string[])[0] as string)
  if (join) return (join as [string, unknown[]])[1].map(inShort).join('')
  return `<${String(ref)}>`
}

function nameOf(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '')
}
