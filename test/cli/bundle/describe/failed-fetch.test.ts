import { expect, test } from 'vitest'
import { bundleScenario } from '../../../../cli/bundle/bundle.ts'
import { scenarioFolder } from '../../../fixtures/scenario-folder.ts'

test('if fetch fails while a scenario is loaded, the error contains the reason for the failure', async () => {
  const cwd = await scenarioFolder({ 'shop.burst.ts': "export default await fetch('http://127.0.0.1:1/config')\n" })
  await expect(bundleScenario('shop.burst.ts', { cwd })).rejects.toMatchObject({
    message: 'shop.burst.ts threw an error while burst loaded it: fetch failed: bad port',
    exitCode: 107,
  })
})
