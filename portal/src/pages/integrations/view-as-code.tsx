import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useSearchParams } from 'wouter'
import { callFor } from '../../api/client.ts'
import type { ApiProblem } from '../../api/problem.ts'
import { announce } from '../../parts/announce.ts'
import { Loading, Problem } from '../../parts/states.tsx'
import { UserText } from '../../parts/user-text.tsx'

const formats = [
  ['terraform', 'Terraform'],
  ['yaml', 'YAML'],
  ['bicep', 'Bicep'],
] as const

/** A document in the languages it can be kept in; the chosen one is in the address. */
export function ViewAsCode({ path }: { path: string }): ReactNode {
  const [parameters, setParameters] = useSearchParams()
  const asked = parameters.get('code')
  const [format] = formats.find(([name]) => name === asked) ?? formats[0]
  const { data, error, refetch } = useQuery<string, ApiProblem>({
    queryKey: [...path.slice(1).split('/'), format],
    queryFn: async () => (await callFor(`${path}?format=${format}`, 'text/plain')).text(),
  })
  return (
    <section className="section card" aria-labelledby="code">
      <div className="list-head">
        <h2 id="code">View as Code</h2>
        <Button
          disabled={data === undefined}
          onClick={async () => {
            await navigator.clipboard.writeText(data ?? '')
            announce('The code is copied.')
          }}
        >
          Copy
        </Button>
      </div>
      <fieldset className="plain-fieldset">
        <legend className="visually-hidden">Language</legend>
        <div className="chips">
          {formats.map(([name, label]) => (
            <label key={name} className="chip">
              <input
                type="radio"
                name="format"
                checked={format === name}
                onChange={() => setParameters({ code: name }, { replace: true })}
              />
              <span>{label}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {data !== undefined ? (
        <div className="code" data-code={format}>
          <UserText text={data} lines />
        </div>
      ) : error === null ? (
        <Loading what="the code" rows={1} />
      ) : (
        <Problem problem={error} onRetry={refetch} />
      )}
    </section>
  )
}
