import { Field, Input } from '@fluentui/react-components'
import { type ReactNode, useId, useState } from 'react'
import { durationChoices, isoWords, millisecondsOf, readDuration } from './duration.ts'

interface DurationFieldProps {
  readonly label: string
  /** An ISO 8601 duration; undefined while what is typed is none. */
  readonly value: string | undefined
  readonly maximum?: string | undefined
  /** The length that is offered first. */
  readonly preset?: string | undefined
  readonly onChange: (value: string | undefined) => void
}

const unbounded = 'PT8H'

interface Typed {
  readonly text: string
  /** What it was read as. */
  readonly value: string | undefined
}

/** A length of time: one press for the usual ones, or whatever somebody types. */
export function DurationField(props: DurationFieldProps): ReactNode {
  const { label, value, maximum, preset, onChange } = props
  const [typed, setTyped] = useState<Typed>()
  const name = useId()
  const choices = durationChoices(maximum ?? unbounded, preset)
  const isChoice = value !== undefined && choices.some((choice) => isSame(choice, value))
  // Whoever changes the value from outside is not typing: the field follows him.
  const isTyping = typed !== undefined && typed.value === value
  const showsInput = isTyping || (value !== undefined && !isChoice)
  const problem = problemOf(value, showsInput, maximum)
  return (
    <fieldset className="plain-fieldset">
      <legend>
        {label}
        {maximum === undefined ? null : (
          <span className="quiet"> up to {isoWords(maximum)} here</span>
        )}
      </legend>
      <div className="chips">
        {choices.map((choice) => (
          <label key={choice} className="chip">
            <input
              type="radio"
              name={name}
              checked={!showsInput && value !== undefined && isSame(choice, value)}
              onChange={() => {
                setTyped(undefined)
                onChange(choice)
              }}
            />
            <span>{isoWords(choice)}</span>
          </label>
        ))}
        <label className="chip">
          <input
            type="radio"
            name={name}
            checked={showsInput}
            onChange={() => setTyped({ text: value === undefined ? '' : isoWords(value), value })}
          />
          <span>Other</span>
        </label>
      </div>
      {showsInput ? (
        <Field
          label="How long"
          className="gap-above"
          {...(problem === undefined
            ? { hint: value === undefined ? 'Such as 45 min, 1h 30m, 2 days' : isoWords(value) }
            : { validationMessage: problem })}
        >
          <Input
            value={isTyping ? typed.text : isoWords(value ?? '')}
            onChange={(_, { value: text }) => {
              const read = readDuration(text)
              setTyped({ text, value: read })
              onChange(read)
            }}
          />
        </Field>
      ) : null}
    </fieldset>
  )
}

function problemOf(value: string | undefined, isShown: boolean, maximum: string | undefined) {
  if (!isShown || value === undefined || maximum === undefined) return undefined
  return millisecondsOf(value) > millisecondsOf(maximum)
    ? `At most ${isoWords(maximum)} can be asked for here.`
    : undefined
}

function isSame(one: string, other: string): boolean {
  return millisecondsOf(one) === millisecondsOf(other)
}
