import type { Plan } from './answers.ts'
import { type Style, shown, styled, table } from './text.ts'
import type { Output } from './world.ts'

type Changes = Plan['changes']

const signs = { create: '+', update: '~', delete: '-' } as const
const signStyles: Readonly<Record<string, Style>> = {
  create: 'green',
  update: 'yellow',
  delete: 'red',
}
const severityStyles: Readonly<Record<string, Style>> = { error: 'red', warning: 'yellow' }

/** A plan as a person reads it: what changes, for whom, and what is odd about it. */
export function planWords(plan: Plan, out: Output): string {
  const parts = [
    changeLines(plan.changes, out),
    peopleLines(plan.people),
    lintLines(plan, out),
    summaryOf(plan.changes),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** How many documents come, change and go. */
export function countsOf(
  changes: Changes,
): Readonly<Record<'create' | 'update' | 'delete', number>> {
  const count = (wanted: string) => changes.filter(({ action }) => action === wanted).length
  return { create: count('create'), update: count('update'), delete: count('delete') }
}

function summaryOf(changes: Changes): string {
  const count = countsOf(changes)
  return count.create + count.update + count.delete === 0
    ? 'Nothing changes.'
    : `Plan: ${count.create} to create, ${count.update} to change, ${count.delete} to delete.`
}

function changeLines(changes: Changes, out: Output): string {
  return changes
    .flatMap(({ kind, name, action, fields }) => {
      if (action === 'none') return []
      const head = `${signs[action]} ${kind.replace('-', ' ')} ${shown(name)}`
      const lines =
        action === 'update'
          ? fields.map(({ pointer, before, after }) => {
              return `    ${shown(pointer)}: ${valueWords(before)} → ${valueWords(after)}`
            })
          : []
      return [styled(signStyles[action], head, out), ...lines]
    })
    .join('\n')
}

const longestValue = 60

function valueWords(value: unknown): string {
  if (value === undefined) return '(nothing)'
  const text = shown(JSON.stringify(value))
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}

const mostIds = 5

function peopleLines({ counts, complete, gaps, ...lists }: Plan['people']): string {
  const line = (count: number, ids: readonly string[], what: string) => {
    if (count === 0) return []
    const more = count > mostIds ? ', …' : ''
    return [`  ${count} ${what}: ${ids.slice(0, mostIds).join(', ')}${more}`]
  }
  const lines = [
    ...line(counts.mayNewly, lists.mayNewly, 'may newly ask'),
    ...line(counts.mayNoLonger, lists.mayNoLonger, 'may no longer ask'),
    ...line(counts.skipApproval, lists.skipApproval, 'need no approval any more'),
    ...line(counts.longer, lists.longer, 'may have it longer'),
    ...(complete ? [] : [`  Perhaps more: ${shown(gaps.join(' '))}`]),
  ]
  return lines.length === 0 ? '' : ['People', ...lines].join('\n')
}

function lintLines({ lint, changes }: Plan, out: Output): string {
  if (lint.length === 0) return ''
  return table(
    lint,
    [
      {
        head: 'LINT',
        cell: ({ severity }) => severity,
        style: ({ severity }) => severityStyles[severity],
      },
      { head: 'CODE', cell: ({ code }) => code },
      { head: 'WHERE', cell: ({ pointer }) => placeOf(pointer, changes) },
      { head: 'WHAT', cell: ({ detail }) => detail, mayShrink: true },
    ],
    out,
  )
}

const kinds: Readonly<Record<string, string>> = {
  integrations: 'integration',
  accessFlows: 'access-flow',
  bundles: 'bundle',
}

/** A pointer into the set, with the name of the document instead of its number. */
function placeOf(pointer: string, changes: Changes): string {
  const parts = /^\/(integrations|accessFlows|bundles)\/(\d+)(.*)$/.exec(pointer)
  if (parts === null) return pointer
  const kind = kinds[parts[1] ?? '']
  const sent = changes.filter((change) => change.kind === kind && change.action !== 'delete')
  const name = sent[Number(parts[2])]?.name
  return name === undefined ? pointer : `${name} ${parts[3] ?? ''}`.trim()
}
