import { defineConfig } from 'vitest/config'

/** The page in a real browser on the whole local stack, with time that passes. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: 'test/browser/global-setup.ts',
    // One stack and one browser for all of them.
    maxWorkers: 1,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
