import type { Story } from './story.ts'

/** Drops steps and troubles one after the other for as long as the story still fails. */
export async function shrink(
  story: Story,
  stillFails: (story: Story) => Promise<boolean>,
): Promise<Story> {
  let smallest = story
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false
    for (const part of ['spells', 'faults', 'steps'] as const) {
      for (let index = smallest[part].length - 1; index >= 0; index--) {
        const without = { ...smallest, [part]: smallest[part].filter((_, each) => each !== index) }
        if (!(await stillFails(without))) continue
        smallest = without
        isSmaller = true
      }
    }
  }
  return smallest
}
