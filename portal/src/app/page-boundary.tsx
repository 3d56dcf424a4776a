import { Button } from '@fluentui/react-components'
import { Component, type ReactNode } from 'react'

interface State {
  readonly hasFailed: boolean
}

/** A page that breaks, or whose script cannot be loaded, takes nothing else down. */
export class PageBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { hasFailed: false }

  static getDerivedStateFromError(): State {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <div className="page">
        <h1>This page could not be shown</h1>
        <p role="alert">
          There may be a newer version of it, or the connection broke off. What you typed is kept.
        </p>
        <p>
          <Button appearance="primary" onClick={() => location.reload()}>
            Load it again
          </Button>
        </p>
      </div>
    )
  }
}
