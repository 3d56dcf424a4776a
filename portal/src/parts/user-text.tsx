import type { ReactNode } from 'react'
import { piecesOf } from './marks.ts'

interface UserTextProps {
  readonly text: string
  /** Keeps line breaks, for texts of more than a line. */
  readonly lines?: boolean
}

/**
 * Text that somebody else wrote: on its own in its direction, with marks where something cannot be
 * seen. Everything that comes from a person or the directory is shown by this and nothing else.
 */
export function UserText({ text, lines = false }: UserTextProps): ReactNode {
  return (
    <bdi className={lines ? 'user-text user-lines' : 'user-text'}>
      <Marked text={text} lines={lines} />
    </bdi>
  )
}

/** The pieces of a text without the element around them. */
export function Marked({ text, lines = false }: UserTextProps): ReactNode {
  return piecesOf(text, lines).map((piece) =>
    piece.kind === 'text' ? piece.text : <Mark key={piece.at} name={piece.text} />,
  )
}

function Mark({ name }: { name: string }): ReactNode {
  return (
    <span className="mark" role="img" aria-label={name} title={name}>
      {'\uFFFD'}
    </span>
  )
}
