import { Option } from 'commander'

/** Where on AWS. */
export function placeFlags(): Option[] {
  return [
    new Option('--region <region>', "default: the AWS profile's"),
    new Option('--profile <name>', "an AWS profile; default: as AWS's own tools choose"),
    new Option('--stack-name <name>', 'default: burst'),
    new Option('--endpoint <url>', "an emulator of AWS's API; also by AWS_ENDPOINT_URL"),
    new Option('--localstack', 'LocalStack on this machine: --endpoint http://localhost:4566'),
  ]
}
