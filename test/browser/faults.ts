import type { Page } from 'playwright-core'
import { violationsOf } from './axe.ts'
import { keepScreen, looks, widths } from './screens.ts'

/** axe and sideways scrolling, in every look and width; keeps what it looked like. */
export async function faultsOf(shown: Page, name: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const width of widths) {
    await shown.setViewportSize({ width, height: 900 })
    for (const [look, media] of looks) {
      await shown.emulateMedia({ forcedColors: 'none', ...media })
      await shown.waitForTimeout(50)
      const violations = await violationsOf(shown)
      found.push(...violations.map((line) => `${look}, ${width}: ${line}`))
      await keepScreen(shown, `${name}-${look}-${width}`)
    }
    await shown.emulateMedia({ colorScheme: 'light', forcedColors: 'none' })
    const wide = await shown.evaluate(() => document.scrollingElement?.scrollWidth ?? 0)
    if (wide > width) found.push(`scrolls sideways at ${width}: ${wide}`)
  }
  await shown.setViewportSize({ width: 1280, height: 900 })
  return found
}
