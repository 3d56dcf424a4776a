import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openState } from '../../local/entra/state.ts'
import { person } from '../../local/seed/people.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'
import { type Simulator, startSimulator } from './start-simulator.ts'

describe('a simulator that is stopped and started again', () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })

  afterEach(() => simulator.stop())

  test('knows every change, and takes tokens that it gave before', async () => {
    const authorization = `Bearer ${await simulator.graphToken()}`
    const group = { displayName: 'New', mailEnabled: false, securityEnabled: true }
    const { body } = await simulator.graph('POST', '/groups', group)
    await simulator.control('PATCH', 'tenant', { premium: false })
    const port = new URL(simulator.url()).port

    await simulator.restart(Number(port))

    const path = `/v1.0/groups/${body.id}`
    expect((await simulator.fetch(path, { headers: { authorization } })).status).toBe(200)
    expect((await simulator.control('GET', 'tenant')).body.premium).toBe(false)
    const audits = await simulator.graph('GET', '/auditLogs/directoryAudits')
    expect(audits.body.value).toMatchObject([{ activityDisplayName: 'Add group' }])
  })
})

describe('the journal of a tenant', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'entra-jit-journal-'))
  })

  afterEach(() => rm(folder, { recursive: true }))

  test('is read up to the half line that a kill left, which is cut off', async () => {
    const journal = join(folder, 'journal.ndjson')
    openState(seedTenant, folder).apply([{ drop: 'users', id: person('mia') }])
    await appendFile(journal, '[{"drop":"users","id":"5e9d')

    const state = openState(seedTenant, folder)
    state.apply([{ drop: 'users', id: person('omar') }])

    const { users } = openState(seedTenant, folder).now()
    expect(users.size).toBe(seedTenant.users.length - 2)
    expect((await readFile(journal, 'utf8')).split('\n')).toHaveLength(3)
  })

  test('makes the same state of the same lines, running numbers of delta included', () => {
    const state = openState(seedTenant, folder)
    const [first] = seedTenant.groups
    const value = { ...first, members: [person('zoe')] }
    state.apply([{ put: 'groups', id: first?.id ?? '', value }])
    state.apply([{ set: { deltaGeneration: 3 } }])

    expect(openState(seedTenant, folder).now()).toEqual(state.now())
  })
})
