import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { connection, failuresToTell } from '../api/connection.ts'
import { shortDuration } from '../parts/duration.ts'
import { useStore } from '../parts/store.ts'
import { useNow } from '../parts/time.tsx'

/** Says how old the page is as long as the API cannot be reached. */
export function ConnectionBanner(): ReactNode {
  const { failures, lastGoodAt } = useStore(connection)
  if (failures < failuresToTell) return null
  return (
    <MessageBar intent="warning" layout="multiline" className="banner">
      <MessageBarBody>
        <MessageBarTitle>The service cannot be reached</MessageBarTitle>
        {lastGoodAt === undefined ? null : <LastUpdated at={lastGoodAt} />} It is tried again by
        itself; access that you hold goes on, and ends on time.
      </MessageBarBody>
    </MessageBar>
  )
}

function LastUpdated({ at }: { at: number }): ReactNode {
  useNow()
  return <span>Last updated {shortDuration(Date.now() - at)} ago.</span>
}
