import { BurstError } from '../../core/errors.ts'

/**
 * Returns the version of burst and the id of the current build of the functions' code. `burst deploy` deploys this build, and burst plans runs on AWS
 * for this build.
 * @throws BurstError (97) when this checkout was never built
 */
export async function functionsBuild(): Promise<{ build: string; version: string }> {
  const { lambdaCode } = await import('../../build/lambda-code.ts')
  try {
    const { build, version } = lambdaCode()
    return { build, version }
  } catch (cause) {
    throw new BurstError('runFailed', 'the functions are not built', { hint: 'run npm run build', cause })
  }
}
