import { type Command, Option } from 'commander'
import { addDebugFlag, addFlags } from './flags.ts'

/** Returns the flags that select the region, the profile, the stack and the endpoint. */
export function placeFlags(): Option[] {
  return [
    new Option('--region <region>', 'default: the region of the AWS profile'),
    new Option('--profile <name>', "an AWS profile; default: the profile that AWS's own tools use"),
    new Option('--stack-name <name>', 'default: burst'),
    new Option('--endpoint <url>', "the URL of an emulator of AWS's API; AWS_ENDPOINT_URL also sets it"),
    new Option('--localstack', 'LocalStack on this machine: --endpoint http://localhost:4566'),
  ]
}

/** Adds the flags that `burst deploy` and `burst destroy` share: the flags of `placeFlags`, `--yes`, `--force` and `--debug`. */
export function addStackFlags(command: Command): void {
  addFlags(command, 'Where:', placeFlags())
  addFlags(command, 'How:', [
    new Option('--yes', 'do not ask'),
    new Option('--force', 'change or delete the stack even while a run is in progress'),
  ])
  addDebugFlag(command)
}
