import { type Command, Option } from 'commander'
import type { PlaceFlags } from '../../aws/place.ts'
import type { DeployFlags } from '../../aws/deploy-settings.ts'
import { addFlags, repeated } from '../../flags/flags.ts'
import { addStackFlags } from '../../flags/place-flags.ts'

type Flags = PlaceFlags & DeployFlags & { yes?: boolean; force?: boolean }

/** `burst deploy`: creates or updates the stack. */
export function addDeploy(program: Command): void {
  const command = program
    .command('deploy')
    .description(
      'create or update the stack on AWS that runs the load tests; between runs the stack costs a few cents a month',
    )
  addFlags(command, 'What:', stackFlags())
  addFlags(command, 'Network:', [
    new Option('--vpc <id>', 'run the workers in this VPC, for targets that are not on the internet'),
    new Option(
      '--subnets <ids...>',
      'the subnets of the workers; they need a route to S3, SQS, Lambda, STS and the target',
    ),
    new Option('--security-groups <ids...>', 'the security groups of the workers; default: a new one'),
  ])
  addFlags(command, 'Account:', [
    new Option('--permissions-boundary <arn>', "the permissions boundary of the functions' roles"),
    new Option('--role-path <path>', "IAM path of the functions' roles"),
    new Option('--kms-key <arn>', 'the key that encrypts the bucket and the queues; default: keys that AWS manages'),
    new Option('--asset-bucket <name>', "the bucket for the functions' code; default: burst creates a bucket"),
    new Option('--tag <key=value>', 'a tag on every created resource; may be repeated').argParser(repeated),
  ])
  addFlags(command, 'Defaults:', [
    new Option(
      '--reset <setting...>',
      'settings to reset to their defaults: names of flags without the leading dashes, e.g. vpc',
    ),
  ])
  addStackFlags(command)
  command.addHelpText('after', examples)
  command.action(async (flags: Flags) => {
    const [{ choosePlace }, { deploy }] = await Promise.all([
      import('../../aws/place.ts'),
      import('../../aws/deploying/deploy.ts'),
    ])
    const place = await choosePlace(flags, process.cwd())
    const say = (line: string): void => void process.stdout.write(`${line}\n`)
    await deploy(place, { flags, yes: flags.yes ?? false, force: flags.force ?? false, say })
  })
}

function stackFlags(): Option[] {
  return [
    new Option(
      '--allow <host>',
      'a host that the stack may load-test, such as shop.example.com or *.example.com; may be repeated',
    ).argParser(repeated),
    new Option('--memory <mb>', 'the memory of a worker; default: 1769, which gives one whole CPU'),
    new Option('--architecture <name>', 'arm64 (default) or x86_64'),
    new Option('--retention-days <n>', 'the number of days that runs are kept; default: 30'),
    new Option('--reserve <n>', 'reserve this much concurrency for workers, even while no run is in progress'),
    new Option(
      '--max-workers <n>',
      'the maximum number of workers at a time; reserves this much concurrency, like --reserve',
    ),
  ]
}

const examples = `
burst.config.ts can contain all settings under What, Network and Account, and the region, the profile and the stack name. A deployed stack keeps
each setting, including its hosts, unless a flag or burst.config.ts changes it. burst shows every change of a setting and asks before it deploys.

Examples:
  burst deploy --allow shop.example.com --allow '*.staging.example.com'
  burst deploy --region eu-central-1 --retention-days 7 --tag team=checkout --yes
  burst deploy --localstack --allow localhost --yes`
