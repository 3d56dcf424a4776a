import { Field, Textarea } from '@fluentui/react-components'
import type { ReactNode } from 'react'

interface ReasonFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  /** Who will read it. */
  readonly hint: string
}

/** Why an administrator does something: it is always asked for, and kept in the audit log. */
export function ReasonField({ value, onChange, hint }: ReasonFieldProps): ReactNode {
  return (
    <Field label="Reason" required hint={hint}>
      <Textarea
        value={value}
        maxLength={2_000}
        resize="vertical"
        onChange={(_, changed) => onChange(changed.value)}
      />
    </Field>
  )
}
