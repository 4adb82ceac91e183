import { type IVpc, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'
import { invalidInput } from '../core/errors.ts'
import type { NetworkOptions } from './stack-options.ts'

/** The network of the generators, in the form that Lambda requires. */
export interface Network {
  subnetIds: string[]
  securityGroupIds: string[]
}

/**
 * Determines the network from the given options. Missing subnets are looked up in the VPC. A missing security group is created.
 * @throws BurstError (104) when subnets or security groups are missing, and the options do not contain a VPC
 */
export function networkOf(scope: Construct, options: NetworkOptions): Network {
  const { vpcId, subnetIds = [], securityGroupIds = [] } = options
  if (subnetIds.length > 0 && securityGroupIds.length > 0)
    return { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] }
  if (vpcId === undefined) throw invalidInput('a network needs subnets and security groups, or the id of its VPC')
  const vpc = Vpc.fromLookup(scope, 'Vpc', { vpcId })
  return {
    subnetIds: subnetIds.length > 0 ? [...subnetIds] : privateSubnets(vpc),
    securityGroupIds: securityGroupIds.length > 0 ? [...securityGroupIds] : [outwards(scope, vpc)],
  }
}

function privateSubnets(vpc: IVpc): string[] {
  return vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS }).subnetIds
}

function outwards(scope: Construct, vpc: IVpc): string {
  return new SecurityGroup(scope, 'Out', { vpc, description: 'burst: everything out, nothing in' }).securityGroupId
}
