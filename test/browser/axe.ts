import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const options: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}

declare global {
  interface Window {
    readonly axe: {
      run(context: object, options: RunOptions): Promise<AxeResults>
    }
  }
}

/** What axe finds on a page, a line each. The sentinels of the focus trap are no content. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  // Evaluated by the debugger: the page's own policy would not let it in, and stays as it is.
  await page.evaluate(source)
  const { violations } = await page.evaluate(
    (given) => window.axe.run({ exclude: ['[data-tabster-dummy]'] }, given),
    options,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = '' }) => `${id} at ${target.join(' ')}: ${failureSummary}`,
    ),
  )
}
