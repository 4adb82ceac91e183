import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findScenarioFile } from '../../../cli/bundle/scenario-file.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

const good = 'export default {}'

describe('a file that is no scenario', () => {
  it('and not there', async () => {
    const cwd = await scenarioFolder({ 'shop.burst.ts': good })
    await expect(findScenarioFile('shpo.burst.ts', cwd)).rejects.toMatchObject({
      message: 'there is no file shpo.burst.ts',
      hint: expect.stringMatching(/has shop\.burst\.ts; type 'burst run shop\.burst\.ts'$/) as string,
      exitCode: 104,
    })
  })

  it('but a folder', async () => {
    const cwd = await scenarioFolder({ 'load/shop.burst.ts': good })
    await expect(findScenarioFile('load', cwd)).rejects.toMatchObject({
      message: 'load is a folder; name the scenario file in it',
      hint: "load has shop.burst.ts; type 'burst run load/shop.burst.ts'",
      exitCode: 104,
    })
  })

  it('but bytes', async () => {
    const cwd = await scenarioFolder({ 'shop.burst.ts': new Uint8Array([0x66, 0xff, 0xfe]) })
    await expect(findScenarioFile('shop.burst.ts', cwd)).rejects.toMatchObject({
      message: 'shop.burst.ts is not UTF-8 text',
      exitCode: 104,
    })
  })
})

describe('a scenario file', () => {
  it('is shown as it is reached from where the person is', async () => {
    const cwd = await scenarioFolder({ 'load/shop.burst.ts': good })
    const found = await findScenarioFile('./load/../load/shop.burst.ts', cwd)
    expect(found).toMatchObject({
      shown: 'load/shop.burst.ts',
      path: join(cwd, 'load/shop.burst.ts'),
      folder: join(cwd, 'load'),
    })
    expect((await findScenarioFile(found.path, '/usr/share/doc')).shown).toBe(found.path)
  })

  it('may be a link; what it imports lies beside the file itself', async () => {
    const cwd = await scenarioFolder({ 'load/shop.burst.ts': good })
    await symlink(join(cwd, 'load/shop.burst.ts'), join(cwd, 'link.burst.ts'))
    expect(await findScenarioFile('link.burst.ts', cwd)).toMatchObject({
      shown: 'link.burst.ts',
      folder: join(cwd, 'load'),
    })
  })
})
