import {
  type Theme,
  teamsHighContrastTheme,
  webDarkTheme,
  webLightTheme,
} from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import { createStore, useStore } from '../parts/store.ts'

export type ThemeChoice = 'system' | 'light' | 'dark' | 'contrast'

const key = 'entra-jit.theme'

/** What somebody chose; `theme.js` has put it on the page before anything was painted. */
export const themeChoice = createStore<ThemeChoice>(
  choiceOf(document.documentElement.dataset['theme']),
)

export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.set(choice)
  const { dataset } = document.documentElement
  if (choice === 'system') {
    delete dataset['theme']
    localStorage.removeItem(key)
  } else {
    dataset['theme'] = choice
    localStorage.setItem(key, choice)
  }
}

/** The theme to paint: the chosen one, or the system's, followed while it changes. */
export function useTheme(): Theme {
  const choice = useStore(themeChoice)
  const isDark = useMedia('(prefers-color-scheme: dark)')
  const wantsContrast = useMedia('(prefers-contrast: more)')
  if (choice === 'contrast' || (choice === 'system' && wantsContrast)) return teamsHighContrastTheme
  const dark = choice === 'dark' || (choice === 'system' && isDark)
  return dark ? webDarkTheme : webLightTheme
}

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const update = () => setMatches(list.matches)
    update()
    list.addEventListener('change', update)
    return () => list.removeEventListener('change', update)
  }, [query])
  return matches
}

function choiceOf(text: string | undefined): ThemeChoice {
  return text === 'light' || text === 'dark' || text === 'contrast' ? text : 'system'
}
