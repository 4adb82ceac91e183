import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { BurstStack } from './stack.ts'
import { withoutBootstrap } from './synth.ts'

/**
 * The repository's own CDK app for `cdk synth`. The app runs all checks. Two CDK context values name the hosts and the bucket: `-c
 * allow=example.com,*.example.org -c assets=my-bucket`.
 */
const app = new App()
const allow = String(app.node.tryGetContext('allow') ?? 'example.com').split(',')
new BurstStack(app, 'burst', {
  allow,
  synthesizer: withoutBootstrap(String(app.node.tryGetContext('assets') ?? 'burst-assets')),
})
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
app.synth()
