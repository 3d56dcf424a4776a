import {
  Avatar,
  Button,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { signIn, signOut } from '../auth/session.ts'
import { useStore } from '../parts/store.ts'
import { UserText } from '../parts/user-text.tsx'
import { useMe } from './me.ts'
import { chooseTheme, type ThemeChoice, themeChoice } from './theme.ts'

const themes: readonly (readonly [choice: ThemeChoice, label: string])[] = [
  ['system', 'Like the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['contrast', 'High contrast'],
]

/** Who is signed in, how the page looks, and the way out. */
export function UserMenu(): ReactNode {
  const { name = 'You' } = useMe()
  const choice = useStore(themeChoice)
  return (
    <Menu checkedValues={{ theme: [choice] }}>
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          className="user-button"
          icon={<Avatar name={name} size={28} color="brand" aria-hidden="true" />}
        >
          <span className="user-name">
            <UserText text={name} />
          </span>
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>Appearance</MenuGroupHeader>
            {themes.map(([value, label]) => (
              <MenuItemRadio
                key={value}
                name="theme"
                value={value}
                onClick={() => chooseTheme(value)}
              >
                {label}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuItem onClick={() => void signIn('select_account')}>Use another account</MenuItem>
          <MenuItem onClick={() => void signOut()}>Sign out</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
