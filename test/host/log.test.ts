import { expect, test } from 'vitest'
import { filterLog } from '../../local/host/log.ts'

test.each([
  ['information', 'Host.Startup', true],
  ['debug', 'Host.Startup', false],
  ['debug', 'Function.a', true],
  ['debug', 'Function.a.User', true],
  ['information', 'Function.b', false],
  ['warning', 'Function.b.User', true],
  ['critical', 'Host.Results', false],
] as const)('a line of level %s in %s is written: %s', (level, category, written) => {
  const lines: string[] = []
  const logLevel = {
    default: 'Information',
    Function: 'Warning',
    'function.a': 'Debug',
    'Host.Results': 'None',
  }
  const log = filterLog((_level, _category, message) => lines.push(message), {
    logging: { logLevel },
  })

  log(level, category, 'line')

  expect(lines).toHaveLength(written ? 1 : 0)
})
