import {
  BoxSearchRegular,
  CheckboxCheckedRegular,
  HistoryRegular,
  KeyRegular,
  PeopleListRegular,
  PlugConnectedRegular,
  QuestionCircleRegular,
  SearchRegular,
} from '@fluentui/react-icons'
import { type ComponentType, type LazyExoticComponent, lazy, type ReactElement } from 'react'
import type { Me } from '../api/types.ts'

/** A page of the portal. Its script is loaded when somebody first goes there. */
interface PageEntry {
  readonly path: string
  readonly page: LazyExoticComponent<ComponentType>
  /** How it is found in the navigation; absent for pages that one comes to by a link. */
  readonly nav?: { readonly label: string; readonly icon: ReactElement; readonly group?: string }
  /** For whom it is; the API decides again, whatever this says. */
  readonly isFor?: (me: Me) => boolean
}

/** Every page in the order of the navigation. A new page is a folder in `pages/` and a line here. */
export const pages: readonly PageEntry[] = [
  {
    path: '/',
    page: lazy(() => import('../pages/my-access/my-access-page.tsx')),
    nav: { label: 'My access', icon: <KeyRegular /> },
  },
  {
    path: '/ask',
    page: lazy(() => import('../pages/ask/ask-page.tsx')),
    nav: { label: 'Ask for access', icon: <SearchRegular /> },
    isFor: ({ may }) => may.includes('request'),
  },
  {
    path: '/approvals',
    page: lazy(() => import('../pages/approvals/approvals-page.tsx')),
    nav: { label: 'Approvals', icon: <CheckboxCheckedRegular /> },
    isFor: ({ may }) => may.includes('request'),
  },
  {
    path: '/requests/:id',
    page: lazy(() => import('../pages/request/request-page.tsx')),
  },
  {
    path: '/manage/grants',
    page: lazy(() => import('../pages/grants/grants-page.tsx')),
    nav: { label: 'Grants', icon: <PeopleListRegular /> },
    isFor: ({ may }) => may.includes('audit.read'),
  },
  {
    path: '/manage/integrations',
    page: lazy(() => import('../pages/integrations/integrations-page.tsx')),
    nav: { label: 'Integrations', icon: <PlugConnectedRegular /> },
    isFor: ({ may }) => may.includes('config.read'),
  },
  {
    path: '/manage/integrations/:name',
    page: lazy(() => import('../pages/integrations/integration-page.tsx')),
    isFor: ({ may }) => may.includes('config.read'),
  },
  {
    path: '/manage/resources',
    page: lazy(() => import('../pages/resources/resources-page.tsx')),
    nav: { label: 'Resources', icon: <BoxSearchRegular /> },
    isFor: ({ may }) => may.includes('config.read'),
  },
  {
    path: '/audit',
    page: lazy(() => import('../pages/audit/audit-page.tsx')),
    nav: { label: 'Audit log', icon: <HistoryRegular /> },
    isFor: ({ may }) => may.includes('audit.read'),
  },
  {
    path: '/help',
    page: lazy(() => import('../pages/help/help-page.tsx')),
    nav: { label: 'Help', icon: <QuestionCircleRegular /> },
  },
]
