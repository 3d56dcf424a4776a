import { Button, Field, Input, Select } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { useSearchParams } from 'wouter'

/** One thing that a list is narrowed by; its name is that of the API and of the address. */
export interface Filter {
  readonly name: string
  readonly label: string
  readonly type?: 'date'
  /** Where only some values mean something: each with its words. */
  readonly choices?: readonly (readonly [value: string, words: string])[]
}

/** The filters that the address has, as the API takes them. */
export function useFilters(filters: readonly Filter[]): URLSearchParams {
  const [parameters] = useSearchParams()
  const given = filters.map(({ name }) => [name, parameters.get(name) ?? ''])
  return new URLSearchParams(given.filter(([, value]) => value !== ''))
}

/** A path of the API with a query, where there is one. */
export function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query}`
}

/** Fields over a list. What is applied is in the address, so that Back undoes it and links keep it. */
export function FilterForm({ filters }: { filters: readonly Filter[] }): ReactNode {
  const [parameters, setParameters] = useSearchParams()
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const change = (values: Readonly<Record<string, string>>) => {
    setTyped({})
    setParameters((former) => {
      const next = new URLSearchParams(former)
      for (const [name, value] of Object.entries(values)) {
        if (value.trim() === '') next.delete(name)
        else next.set(name, value.trim())
      }
      return next
    })
  }
  return (
    <search>
      <form
        className="filters card section"
        onSubmit={(event) => {
          event.preventDefault()
          change(typed)
        }}
      >
        {filters.map(({ name, label, type, choices }) => {
          const value = typed[name] ?? parameters.get(name) ?? ''
          const onChange = (_: unknown, changed: { value: string }) =>
            setTyped({ ...typed, [name]: changed.value })
          return (
            <Field key={name} label={label}>
              {choices === undefined ? (
                <Input type={type ?? 'text'} value={value} onChange={onChange} />
              ) : (
                <Select value={value} onChange={onChange}>
                  <option value="">Any</option>
                  {choices.map(([choice, words]) => (
                    <option key={choice} value={choice}>
                      {words}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          )
        })}
        <div className="actions filter-actions">
          <Button type="submit">Apply</Button>
          <Button
            appearance="subtle"
            onClick={() => change(Object.fromEntries(filters.map(({ name }) => [name, ''])))}
          >
            Clear
          </Button>
        </div>
      </form>
    </search>
  )
}
