import type { ReactNode } from 'react'
import type { TraceEntry } from '../api/types.ts'
import { Marked, UserText } from './user-text.tsx'

const words = { pass: 'Holds', fail: 'Fails', skipped: 'Not looked at' } as const
const signs = { pass: '✓', fail: '✕', skipped: '–' } as const

/** Every rule of every flow that was looked at, with its verdict; closed until somebody asks. */
export function Trace({ entries }: { entries: readonly TraceEntry[] }): ReactNode {
  if (entries.length === 0) return null
  const flows = [...new Set(entries.map(({ flow }) => flow))]
  return (
    <details className="trace">
      <summary>Why: the rules that were looked at</summary>
      {flows.map((flow) => (
        <section key={flow} aria-label={`Access flow ${flow}`}>
          <h4>
            Access flow <UserText text={flow} />
          </h4>
          <ul>
            {entries
              .filter((entry) => entry.flow === flow)
              .map(({ rule, verdict, detail }) => (
                <li key={`${rule} ${detail}`} className={`trace-${verdict}`}>
                  <span aria-hidden="true">{signs[verdict]}</span>
                  <span>
                    <span className="visually-hidden">{words[verdict]}: </span>
                    <b>{rule}</b> <Marked text={detail} />
                  </span>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </details>
  )
}
