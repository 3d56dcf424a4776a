import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { prepareStateFolder } from '../../local/stack/state-folder.ts'

describe('prepareStateFolder()', () => {
  let folder = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'entra-jit-state-'))
    for (const name of ['azurite', 'entra', 'service-bus', 'photos']) {
      await mkdir(join(folder, name))
    }
    for (const name of ['ready.json', 'host.log', 'thesis.docx']) {
      await writeFile(join(folder, name), 'x')
    }
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('keeps all state, but not the addresses of the run before', async () => {
    await prepareStateFolder(folder, { fresh: false, onWait: () => {} })

    const kept = ['azurite', 'entra', 'host.log', 'photos', 'service-bus', 'thesis.docx']
    expect((await readdir(folder)).sort()).toEqual(kept)
  })

  test('when fresh, removes what a stack leaves and nothing else', async () => {
    await prepareStateFolder(folder, { fresh: true, onWait: () => {} })

    expect((await readdir(folder)).sort()).toEqual(['photos', 'thesis.docx'])
  })
})
