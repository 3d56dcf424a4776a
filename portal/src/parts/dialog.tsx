import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import type { ApiProblem } from '../api/problem.ts'
import { announce } from './announce.ts'
import { Problem } from './states.tsx'

interface ActionDialogProps {
  readonly title: ReactNode
  readonly children: ReactNode
  /** On the button that does it: a verb. */
  readonly action: string
  /** On the button that leaves everything as it is. */
  readonly dismiss?: string
  readonly isReady?: boolean
  readonly run: () => Promise<unknown>
  /** Said when it is done. */
  readonly done: string
  readonly onClose: () => void
}

/** Asks before something is done, shows that it is under way, and why it was refused. */
export function ActionDialog(props: ActionDialogProps): ReactNode {
  const { title, children, action, dismiss = 'Not now', isReady = true, run, done, onClose } = props
  const { mutate, error, isPending } = useMutation<unknown, ApiProblem>({
    mutationFn: run,
    onSuccess: () => {
      announce(done)
      onClose()
    },
  })
  const [opener] = useState(() => document.activeElement)
  useEffect(() => {
    return () => {
      // The dialog is gone with its owner, so nothing else would give the focus back.
      setTimeout(() => {
        if (opener instanceof HTMLElement && opener.isConnected) return opener.focus()
        // What was acted on is gone, with the button: the page's heading is where to go on from.
        document.querySelector<HTMLElement>('main h1')?.focus()
      })
    }
  }, [opener])
  return (
    <Dialog open onOpenChange={(_, { open }) => open || isPending || onClose()}>
      <DialogSurface className="dialog" aria-describedby={undefined}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (isReady && !isPending) mutate()
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className="stack dialog-content">
              {children}
              {error === null ? null : <Problem problem={error} />}
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose} disabled={isPending}>
                {dismiss}
              </Button>
              <Button appearance="primary" type="submit" disabled={!isReady || isPending}>
                {isPending ? 'Working …' : action}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
