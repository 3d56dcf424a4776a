import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { permissionsFile, permissionsPage } from '../../scripts/permissions-page.ts'

test('docs/permissions.md says what the self-test goes by (else: npm run permissions)', async () => {
  expect(await readFile(permissionsFile, 'utf8')).toBe(permissionsPage())
})
