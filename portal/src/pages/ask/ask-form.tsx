import { Button, Field, Input, Select, Textarea } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import { type ReactElement, useId } from 'react'
import type { CatalogItem, Preview } from '../../api/types.ts'
import { DurationField } from '../../parts/duration-field.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { commonDuration, keyOf } from './catalog.ts'
import type { Draft } from './draft.ts'

interface AskFormProps {
  readonly items: readonly CatalogItem[]
  readonly draft: Draft
  readonly duration: string
  readonly previews: readonly (Preview | undefined)[]
  readonly onChange: (changes: Partial<Draft>) => void
  readonly onDrop: (key: string) => void
}

/** For how long, why, and from when. */
export function AskForm({ items, draft, duration, previews, onChange, onDrop }: AskFormProps) {
  const { maximum, usual } = commonDuration(items)
  const id = useId()
  return (
    <div className="stack">
      <ul className="picks" aria-label="Picked">
        {items.map((item) => (
          <li key={keyOf(item)} className="pick">
            <UserText text={item.resource.name} />
            <Button
              size="small"
              appearance="transparent"
              icon={<DismissRegular />}
              aria-label={`Take ${item.resource.name} out`}
              onClick={() => onDrop(keyOf(item))}
            />
          </li>
        ))}
      </ul>
      <DurationField
        label="For how long"
        value={duration === '' ? undefined : duration}
        maximum={maximum}
        preset={usual}
        onChange={(value) => onChange({ duration: value ?? '' })}
      />
      <Field
        label="Justification"
        required={isRequired(previews, 'justification')}
        {...hintOf(previews, 'justification')}
      >
        <Textarea
          value={draft.justification}
          maxLength={2_000}
          resize="vertical"
          rows={3}
          onChange={(_, { value }) => onChange({ justification: value })}
        />
      </Field>
      <Field
        label="Ticket"
        required={isRequired(previews, 'ticket')}
        {...hintOf(previews, 'ticket')}
      >
        <Input
          value={draft.ticket}
          maxLength={100}
          onChange={(_, { value }) => onChange({ ticket: value })}
        />
      </Field>
      <details className="more" open={draft.startsAt !== '' || draft.accessFlow !== undefined}>
        <summary>More choices</summary>
        <div className="stack gap-above">
          <Field label="Start" hint="Empty means at once. It is looked at again when it starts.">
            <Input
              type="datetime-local"
              value={draft.startsAt}
              onChange={(_, { value }) => onChange({ startsAt: value })}
            />
          </Field>
          <OneItemChoices key={id} items={items} draft={draft} onChange={onChange} />
        </div>
      </details>
    </div>
  )
}

/** What can be chosen only while one thing is picked. */
function OneItemChoices({
  items,
  draft,
  onChange,
}: Pick<AskFormProps, 'items' | 'draft' | 'onChange'>) {
  const [item] = items
  if (item === undefined || items.length > 1) return null
  const { permissions, accessFlows } = item
  return (
    <>
      {permissions.length < 2 ? null : (
        <Field label="As">
          <Select
            value={draft.permission ?? permissions[0] ?? ''}
            onChange={(_, { value }) => {
              const permission = permissions.find((each) => each === value)
              if (permission !== undefined) onChange({ permission })
            }}
          >
            {permissions.map((permission) => (
              <option key={permission} value={permission}>
                {permission === 'owner' ? 'Owner' : 'Member'}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {accessFlows.length < 2 ? null : (
        <Field label="Access flow">
          <Select
            value={draft.accessFlow ?? ''}
            onChange={(_, { value }) => onChange({ accessFlow: value })}
          >
            <option value="">The least demanding one</option>
            {accessFlows.map((flow) => (
              <option key={flow} value={flow}>
                {flow}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </>
  )
}

type TextRuleName = 'justification' | 'ticket'

function isRequired(previews: AskFormProps['previews'], name: TextRuleName): boolean {
  return previews.some((preview) => preview?.[name]?.required === true)
}

/** The rule of the flow in the way that it is written: the browser never runs it. */
function hintOf(previews: AskFormProps['previews'], name: TextRuleName): { hint?: ReactElement } {
  const pattern = previews.find((preview) => preview?.[name]?.pattern !== undefined)?.[name]
    ?.pattern
  if (pattern === undefined) return {}
  return {
    hint: (
      <>
        Has to look like <code className="user-text">{pattern}</code>
      </>
    ),
  }
}
