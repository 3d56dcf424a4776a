import { createStore } from './store.ts'

/** What the live region of the page says. */
export const announcement = createStore({ text: '', count: 0 })

/** Says something to whoever listens instead of looking; the same words again are said again. */
export function announce(text: string): void {
  announcement.set({ text, count: announcement.get().count + 1 })
}
