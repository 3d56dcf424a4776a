import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseOptions, UsageError } from '../../local/stack/options.ts'

const root = resolve('/somewhere')

describe('parseOptions()', () => {
  test('without flags takes the usual ports and shows the sample', () => {
    expect(parseOptions([], root)).toEqual({
      state: join(root, '.local'),
      ports: { functions: 7071, entra: 7072, blob: 10000, queue: 10001, table: 10002, bus: 5672 },
      sample: true,
      fresh: false,
      verbose: false,
      readyFile: undefined,
    })
  })

  test('with --ports auto takes a free port wherever none is named', () => {
    const options = parseOptions(['--ports', 'auto', '--entra-port', '9000'], root)

    expect(options?.ports).toEqual({
      functions: 0,
      entra: 9000,
      blob: 0,
      queue: 0,
      table: 0,
      bus: 0,
    })
  })

  test('gives nothing when only help is asked for', () => {
    expect(parseOptions(['--help'], root)).toBeUndefined()
  })

  test.each([
    { args: ['--port', '70000'], names: '--port 70000' },
    { args: ['--bus-port', 'amqp'], names: '--bus-port amqp' },
    { args: ['--ports', 'all'], names: '--ports all' },
    { args: ['--no-such-flag'], names: '--no-such-flag' },
    { args: ['surplus'], names: 'surplus' },
  ])('refuses $args by name', ({ args, names }) => {
    const reading = () => parseOptions(args, root)

    expect(reading).toThrow(UsageError)
    expect(reading).toThrow(names)
  })
})
