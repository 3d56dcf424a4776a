import type { ReactNode } from 'react'
import type { TraceEntry } from '../api/types.ts'
import { withWords } from './duration.ts'
import { Marked, UserText } from './user-text.tsx'

const words = { pass: 'Holds', fail: 'Fails', skipped: 'Not looked at' } as const
const signs = { pass: '✓', fail: '✕', skipped: '–' } as const

/**
 * Every rule of every flow that was looked at, with its verdict; closed until somebody asks. Flows
 * that have nothing to do with what is asked for are named only.
 */
export function Trace({ entries }: { entries: readonly TraceEntry[] }): ReactNode {
  if (entries.length === 0) return null
  const flows = [...new Set(entries.map(({ flow }) => flow))]
  const others = flows.filter((name) =>
    entries.some(
      ({ flow, rule, verdict }) => flow === name && rule === 'target' && verdict === 'fail',
    ),
  )
  const concerned = flows.filter((name) => !others.includes(name))
  return (
    <details className="trace">
      <summary>Why: the rules that were looked at</summary>
      {concerned.map((name) => (
        <FlowTrace key={name} name={name} entries={entries.filter(({ flow }) => flow === name)} />
      ))}
      {others.length === 0 ? null : (
        <p className="trace-flow quiet">
          {concerned.length === 0 ? 'No access flow covers it: ' : 'Not covered by: '}
          <Marked text={others.join(', ')} />
        </p>
      )}
    </details>
  )
}

function FlowTrace({ name, entries }: { name: string; entries: readonly TraceEntry[] }): ReactNode {
  return (
    <div>
      <p className="trace-flow">
        Access flow <UserText text={name} />
      </p>
      <ul>
        {entries.map(({ rule, verdict, detail }) => (
          <li key={`${rule} ${detail}`} className={`trace-${verdict}`}>
            <span aria-hidden="true">{signs[verdict]}</span>
            <span>
              <span className="visually-hidden">{words[verdict]}: </span>
              <b>{rule}</b> <Marked text={withWords(detail)} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
