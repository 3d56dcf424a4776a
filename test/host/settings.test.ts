import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostJsonValue, readHostJson } from '../../local/host/host-json.ts'
import {
  mergeSettings,
  readConnection,
  readLocalSettings,
  resolveNames,
} from '../../local/host/settings.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-settings-'))
})

afterEach(() => rm(folder, { recursive: true }))

const writeLocal = (value: unknown) =>
  writeFile(join(folder, 'local.settings.json'), JSON.stringify(value))
const writeHost = (value: unknown) => writeFile(join(folder, 'host.json'), JSON.stringify(value))

describe('local settings', () => {
  test('hold values, connection strings and the port', async () => {
    await writeLocal({
      IsEncrypted: false,
      Values: { A: 'a', EMPTY: '', NONE: null },
      ConnectionStrings: { db: 'x', other: { ConnectionString: 'y' } },
      Host: { LocalHttpPort: 7072 },
    })

    expect(await readLocalSettings(folder)).toEqual({
      values: { A: 'a', EMPTY: '', 'ConnectionStrings:db': 'x', 'ConnectionStrings:other': 'y' },
      port: 7072,
    })
  })

  test('may be missing', async () => {
    expect(await readLocalSettings(folder)).toEqual({ values: {}, port: undefined })
  })

  test.each([
    [{ Values: {} }, 'it is encrypted (IsEncrypted is not false)'],
    [{ IsEncrypted: false, Values: { A: 1 } }, 'the value of A is not a text'],
    [[], 'it holds no object'],
  ])('are refused when they are %j', async (value, reason) => {
    await writeLocal(value)

    await expect(readLocalSettings(folder)).rejects.toThrow(reason)
  })
})

describe('mergeSettings()', () => {
  test('lets the earlier source win unless its value is empty', () => {
    const merged = mergeSettings(
      { A: 'environment', B: '', D: undefined },
      { A: 'local', B: 'local', C: 'local', E: '' },
    )

    expect(merged).toEqual({ A: 'environment', B: 'local', C: 'local', E: '' })
  })
})

describe('resolveNames()', () => {
  test('replaces names in percent signs, whatever their case', () => {
    expect(resolveNames('a-%one%-%TWO%', { ONE: '1', two: '2' })).toBe('a-1-2')
  })

  test('names the setting that is missing', () => {
    expect(() => resolveNames('%ONE%', {})).toThrow('the setting ONE is missing')
  })
})

describe('readConnection()', () => {
  test.each([
    [{ AzureWebJobsBUS: 'first', BUS: 'second' }, 'first'],
    [{ BUS: 'second', 'ConnectionStrings:BUS': 'third' }, 'second'],
    [{ 'ConnectionStrings:BUS': 'third' }, 'third'],
    [{}, undefined],
  ])('finds in %j the value %s', (settings, expected) => {
    expect(readConnection(settings, 'BUS')).toBe(expected)
  })
})

describe('readHostJson()', () => {
  test('applies overrides from the settings, names ignoring case', async () => {
    await writeHost({ version: '2.0', extensions: { http: { routePrefix: 'api' } } })

    const hostJson = await readHostJson(folder, {
      AzureFunctionsJobHost__Extensions__http__routeprefix: 'v1',
      azurefunctionsjobhost__logging__logLevel__default: 'Warning',
    })

    expect(hostJsonValue(hostJson, 'extensions', 'http', 'routePrefix')).toBe('v1')
    expect(hostJsonValue(hostJson, 'logging', 'loglevel', 'DEFAULT')).toBe('Warning')
  })

  test('refuses a file of another version', async () => {
    await writeHost({})

    await expect(readHostJson(folder, {})).rejects.toThrow('its version is not "2.0"')
  })

  test('refuses a folder without the file', async () => {
    await expect(readHostJson(folder, {})).rejects.toThrow('a function app needs this file')
  })
})
