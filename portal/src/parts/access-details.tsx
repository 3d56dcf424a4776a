import type { ReactNode } from 'react'
import { linksOf } from './links.ts'
import { Marked } from './user-text.tsx'

/** An administrator's instructions: links can be followed, line breaks stay, the rest is plain text. */
export function AccessDetails({ text }: { text: string }): ReactNode {
  return (
    <bdi className="user-text user-lines">
      {linksOf(text).map((piece) =>
        piece.kind === 'link' ? (
          <a
            key={piece.at}
            href={piece.text}
            target="_blank"
            rel="noopener noreferrer"
            className="link"
          >
            <Marked text={piece.text} />
          </a>
        ) : (
          <Marked key={piece.at} text={piece.text} lines />
        ),
      )}
    </bdi>
  )
}
