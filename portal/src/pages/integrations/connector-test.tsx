import { Button } from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../../api/client.ts'
import type { ApiProblem } from '../../api/problem.ts'
import type { ConnectorTest } from '../../api/types.ts'
import { announce } from '../../parts/announce.ts'
import { Problem } from '../../parts/states.tsx'
import { UserText } from '../../parts/user-text.tsx'

/** Tests by what the broker reaches the directory, and says what it can do and lacks. */
export function ConnectorTestCard({ path }: { path: string }): ReactNode {
  const { mutate, data, error, isPending } = useMutation<ConnectorTest, ApiProblem>({
    mutationFn: () => call<ConnectorTest>(path, { method: 'POST' }),
    onSuccess: () => announce('The test of the connector is done.'),
  })
  return (
    <section className="section card" aria-labelledby="test">
      <div className="list-head">
        <h2 id="test">Connector</h2>
        <Button disabled={isPending} onClick={() => mutate()}>
          {isPending ? 'Testing …' : 'Test'}
        </Button>
      </div>
      {error !== null ? (
        <Problem problem={error} />
      ) : data === undefined ? (
        <p className="quiet">Looks what it may do in the directory. It changes nothing.</p>
      ) : (
        <Found test={data} />
      )}
    </section>
  )
}

type Feature = ConnectorTest['features'][number]

const verdicts: Readonly<Record<Feature['state'], string>> = {
  ok: 'can do it',
  missing: 'cannot do it',
  unknown: 'nobody could tell',
}

function Found({ test }: { test: ConnectorTest }): ReactNode {
  const { connector, token, permissions, directoryRoles, features, excess, commands } = test
  return (
    <div className="stack">
      <p>
        The connector {connector}{' '}
        {token.ok ? 'gets a token.' : `gets no token: ${token.problem ?? 'nobody knows why'}`}
      </p>
      <dl className="facts">
        {features.map(({ name, state, missing }) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd>
              {verdicts[state]}
              {missing.length === 0 ? '' : `; it lacks ${missing.join(', ')}`}
            </dd>
          </div>
        ))}
        <div className="fact">
          <dt>Permissions</dt>
          <dd>{permissions.join(', ') || 'none'}</dd>
        </div>
        <div className="fact">
          <dt>Directory roles</dt>
          <dd>
            {directoryRoles === null
              ? 'the directory did not tell'
              : directoryRoles.map(({ name, scope }) => `${name} for ${scope}`).join(', ') ||
                'none'}
          </dd>
        </div>
      </dl>
      {excess.map(({ name, why, tier0 }) => (
        <p key={name} className="note">
          More than it needs{tier0 ? ', and it can take the tenant over' : ''}: <b>{name}</b>.{' '}
          <UserText text={why} />
        </p>
      ))}
      {commands.map(({ text, effect }) => (
        <div key={text}>
          <p>{effect}</p>
          <div className="code">
            <UserText text={text} lines />
          </div>
        </div>
      ))}
    </div>
  )
}
