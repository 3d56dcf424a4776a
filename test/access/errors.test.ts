import { describe, expect, test } from 'vitest'
import { BrokerError, DirectoryUnavailableError } from '../../shared/access/errors.ts'

describe('a directory that does not answer', () => {
  test('is an error by its code, to be tried again, that says what could not be done', () => {
    const cause = new Error('socket hang up')
    const error = new DirectoryUnavailableError('read the group', { cause, retryAfterSeconds: 7 })

    expect(error).toBeInstanceOf(BrokerError)
    expect(error).toMatchObject({
      name: 'DirectoryUnavailableError',
      code: 'DIRECTORY_UNAVAILABLE',
      retryable: true,
      retryAfterSeconds: 7,
      cause,
      message: 'Cannot read the group: the directory did not answer',
    })
  })

  test('names no time where the directory named none', () => {
    expect(new DirectoryUnavailableError('read').retryAfterSeconds).toBeUndefined()
  })
})
