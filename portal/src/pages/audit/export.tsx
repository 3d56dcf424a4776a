import { Button } from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { callFor } from '../../api/client.ts'
import type { ApiProblem } from '../../api/problem.ts'
import { announce } from '../../parts/announce.ts'
import { Problem } from '../../parts/states.tsx'

const forms = [
  { name: 'NDJSON', accept: 'application/x-ndjson', file: 'audit.ndjson' },
  { name: 'CSV', accept: 'text/csv', file: 'audit.csv' },
] as const

/** Everything that matches, as a file: NDJSON with what a proof needs, CSV for spreadsheets. */
export function Export({ path }: { path: string }): ReactNode {
  const { mutate, error, isPending, variables } = useMutation<
    void,
    ApiProblem,
    (typeof forms)[number]
  >({
    mutationFn: async ({ accept, file }) => keepAsFile(await callFor(path, accept), file),
    onSuccess: (_, { file }) => announce(`${file} is saved.`),
  })
  return (
    <>
      <div className="actions">
        {forms.map((form) => (
          <Button key={form.name} disabled={isPending} onClick={() => mutate(form)}>
            {isPending && variables === form ? 'Reading …' : `Export ${form.name}`}
          </Button>
        ))}
      </div>
      {error === null ? null : <Problem problem={error} />}
    </>
  )
}

function keepAsFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
