import { execFileSync } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findScenarioFile } from '../../../cli/bundle/scenario-file.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

const good = 'export default {}'

describe('a path that is not a scenario file is refused', () => {
  it('a path that does not exist is refused', async () => {
    const cwd = await scenarioFolder({ 'shop.burst.ts': good })
    await expect(findScenarioFile('shpo.burst.ts', cwd)).rejects.toMatchObject({
      message: 'there is no file shpo.burst.ts',
      hint: expect.stringMatching(/contains shop\.burst\.ts; type 'burst run shop\.burst\.ts'$/) as string,
      exitCode: 104,
    })
  })

  it('a folder is not accepted as a scenario file', async () => {
    const cwd = await scenarioFolder({ 'load/shop.burst.ts': good })
    await expect(findScenarioFile('load', cwd)).rejects.toMatchObject({
      message: 'load is a folder; name the scenario file in it',
      hint: "load contains shop.burst.ts; type 'burst run load/shop.burst.ts'",
      exitCode: 104,
    })
  })

  it('a pipe or a device is refused, because reading it may never end', async () => {
    const cwd = await scenarioFolder({ 'shop.burst.ts': good })
    execFileSync('mkfifo', [join(cwd, 'pipe.burst.ts')])
    await symlink('/dev/zero', join(cwd, 'zero.burst.ts'))
    for (const file of ['pipe.burst.ts', 'zero.burst.ts'])
      await expect(findScenarioFile(file, cwd)).rejects.toMatchObject({
        message: `${file} is not a file: it is a pipe, a socket or a device`,
        exitCode: 104,
      })
  })

  it('a file that is not text is refused', async () => {
    const cwd = await scenarioFolder({ 'shop.burst.ts': new Uint8Array([0x66, 0xff, 0xfe]) })
    await expect(findScenarioFile('shop.burst.ts', cwd)).rejects.toMatchObject({
      message: 'shop.burst.ts is not UTF-8 text',
      exitCode: 104,
    })
  })
})

describe('a scenario file', () => {
  it('a scenario file is shown by its path relative to the working folder', async () => {
    const cwd = await scenarioFolder({ 'load/shop.burst.ts': good })
    const found = await findScenarioFile('./load/../load/shop.burst.ts', cwd)
    expect(found).toMatchObject({
      shown: 'load/shop.burst.ts',
      path: join(cwd, 'load/shop.burst.ts'),
      folder: join(cwd, 'load'),
    })
    expect((await findScenarioFile(found.path, '/usr/share/doc')).shown).toBe(found.path)
  })

  it('a scenario file may be a symbolic link, and its imports are relative to the target of the link', async () => {
    const cwd = await scenarioFolder({ 'load/shop.burst.ts': good })
    await symlink(join(cwd, 'load/shop.burst.ts'), join(cwd, 'link.burst.ts'))
    expect(await findScenarioFile('link.burst.ts', cwd)).toMatchObject({
      shown: 'link.burst.ts',
      folder: join(cwd, 'load'),
    })
  })
})
