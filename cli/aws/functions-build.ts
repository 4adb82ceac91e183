import { BurstError } from '../../core/errors.ts'

/**
 * Returns the build of the functions that this burst deploys; runs on AWS are planned for this build.
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
