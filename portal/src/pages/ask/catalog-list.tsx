import { Button, Checkbox, Field, SearchBox } from '@fluentui/react-components'
import { SearchRegular } from '@fluentui/react-icons'
import { type ReactNode, useDeferredValue, useEffect, useMemo, useState } from 'react'
import { announce } from '../../parts/announce.ts'
import { isoWords } from '../../parts/duration.ts'
import { ResourceIcon } from '../../parts/resource-title.tsx'
import { Empty } from '../../parts/states.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { meant, type Searchable, search } from './catalog.ts'

interface CatalogListProps {
  readonly catalog: readonly Searchable[]
  readonly picked: ReadonlySet<string>
  readonly query: string
  readonly onQuery: (query: string) => void
  readonly onPick: (key: string, isPicked: boolean) => void
}

const atOnce = 30

/** Everything that may be asked for, narrowed as somebody types. */
export function CatalogList({ catalog, picked, query, onQuery, onPick }: CatalogListProps) {
  const wanted = useDeferredValue(query)
  const found = useMemo(() => search(catalog, wanted), [catalog, wanted])
  const [shown, setShown] = useState(atOnce)
  const count = `${found.length} of ${catalog.length}`
  useEffect(() => {
    if (wanted !== '') announce(`${count} found`)
  }, [wanted, count])
  return (
    <div className="catalog">
      <search>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            const entry = meant(search(catalog, query), query)
            if (entry !== undefined) onPick(entry.key, true)
          }}
        >
          <Field label="Search what you may ask for">
            <SearchBox
              className="catalog-search"
              size="large"
              placeholder="Name, description or id"
              value={query}
              onChange={(_, { value }) => {
                onQuery(value)
                setShown(atOnce)
              }}
            />
          </Field>
        </form>
      </search>
      <p className="quiet">{wanted === '' ? `${catalog.length} in all` : `${count} found`}</p>
      {found.length === 0 ? (
        <Empty title="Nothing of that name" icon={<SearchRegular />}>
          <p>You see only what you may ask for. Try fewer letters, or ask whoever owns it.</p>
        </Empty>
      ) : (
        <ul className="catalog-items" aria-label="What you may ask for">
          {found.slice(0, shown).map((entry) => (
            <li key={entry.key}>
              <CatalogRow entry={entry} isPicked={picked.has(entry.key)} onPick={onPick} />
            </li>
          ))}
        </ul>
      )}
      {found.length > shown ? (
        <Button className="gap-above" onClick={() => setShown(shown + atOnce)}>
          Show {Math.min(atOnce, found.length - shown)} more
        </Button>
      ) : null}
    </div>
  )
}

interface CatalogRowProps {
  readonly entry: Searchable
  readonly isPicked: boolean
  readonly onPick: (key: string, isPicked: boolean) => void
}

function CatalogRow({ entry, isPicked, onPick }: CatalogRowProps): ReactNode {
  const { item, key, isAmbiguous } = entry
  const { resource, maximumDuration, approval } = item
  return (
    <div className={isPicked ? 'catalog-row catalog-picked' : 'catalog-row'}>
      <Checkbox
        className="catalog-box"
        checked={isPicked}
        onChange={(_, { checked }) => onPick(key, checked === true)}
        label={
          <span className="catalog-label">
            <ResourceIcon type={resource.type} />
            <span className="catalog-text">
              <span className="catalog-name">
                <UserText text={resource.name} />
              </span>
              {resource.description === undefined ? null : (
                <span className="quiet clamp">
                  <UserText text={resource.description} />
                </span>
              )}
              <span className="catalog-facts quiet">
                <span>{resource.type === 'group' ? 'Group' : 'Directory role'}</span>
                {resource.scope === undefined || resource.scope === '/' ? null : (
                  <span>for {resource.scope}</span>
                )}
                <span>up to {isoWords(maximumDuration)}</span>
                <span>{approval === 'automatic' ? 'at once' : 'needs approval'}</span>
                {isAmbiguous ? <code>{resource.id}</code> : null}
              </span>
            </span>
          </span>
        }
      />
    </div>
  )
}
