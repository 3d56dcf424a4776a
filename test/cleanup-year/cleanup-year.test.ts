import { describe, expect, test } from 'vitest'
import { simulateYear } from './year.ts'

describe('a simulated year', () => {
  test('cleans up exactly those whom the model says, and none of the spared', async () => {
    const { planned, kept, done, refused } = await simulateYear(1, 45, 25)
    expect(Math.min(planned, kept, done)).toBeGreaterThan(0)
    expect(Object.keys(refused).length).toBeGreaterThan(5)
  })

  test('is the same for the same seed', async () => {
    const year = () => simulateYear(5, 8, 4, { days: 130 })
    expect(await year()).toEqual(await year())
  })

  test('notices somebody who is touched although he is spared', async () => {
    const blind = simulateYear(1, 45, 25, {
      implant: (needs) => ({
        ...needs,
        accounts: {
          ...needs.accounts,
          read: async (id) => {
            const account = await needs.accounts.read(id)
            return account === 'gone' ? account : { ...account, holdsRole: false }
          },
        },
      }),
    })
    await expect(blind).rejects.toThrow('it was spared')
  })

  test('notices somebody who is forgotten', async () => {
    const idle = simulateYear(1, 12, 6, {
      implant: (needs) => ({
        ...needs,
        accounts: { ...needs.accounts, relations: async () => ({ sponsors: [] }) },
      }),
    })
    await expect(idle).rejects.toThrow('should have been cleaned up')
  })
})
