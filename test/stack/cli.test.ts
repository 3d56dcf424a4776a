import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventually, type Local, type LocalFolder, localFolder } from './start-local.ts'

// Each command is two processes: on a busy machine a dozen of them take their time.
vi.setConfig({ testTimeout: 120_000 })

const command = join(dirname(dirname(import.meta.dirname)), 'cli/entra-jit.mjs')

let folder: LocalFolder
let local: Local
let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'entra-jit-cli-'))
  folder = await localFolder()
  local = await folder.start()
}, 120_000)

afterAll(async () => {
  await folder.remove()
  await rm(home, { recursive: true, force: true })
}, 60_000)

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The command as a person types it, in a process of its own. */
async function type(words: readonly string[], input = ''): Promise<Ran> {
  const env = {
    PATH: process.env['PATH'],
    XDG_CONFIG_HOME: home,
    ENTRA_JIT_URL: local.ready.addresses.functions,
    CI: 'true',
  }
  const child = spawn(process.execPath, [command, ...words], { env })
  child.stdin.end(input)
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  return { code, out, err }
}

const as = (name: string, ...words: readonly string[]) => type([...words, '--as', name])

/** What a command prints for programs. */
const jsonOf = async (name: string, ...words: readonly string[]) => {
  const ran = await as(name, ...words, '--output', 'json')
  expect(ran.err).toBe('')
  return JSON.parse(ran.out)
}

describe('the command line', () => {
  test('gets access, shows it and gives it back', async () => {
    const login = await as('mia', 'login')
    expect(login).toMatchObject({ code: 0, out: '' })

    const asked = await type([
      ...['request', 'Production Readers', '--duration', '10m'],
      ...['--justification', 'errors in checkout', '--wait'],
    ])
    expect(asked.code).toBe(0)
    expect(asked.out).toMatch(/^Status {4}active$/m)
    const id = /^Request {3}(\S+)$/m.exec(asked.out)?.[1] ?? ''

    const listed = await type(['list', '--status', 'active'])
    expect(listed.out).toContain(id)
    expect(await jsonOf('audrey', 'show', id)).toMatchObject({ status: 'active' })
    const mine = await type(['show', id])
    expect(mine.out).toContain('errors in checkout')

    const revoked = await type(['revoke', id, '--reason', 'done', '--wait'])
    expect(revoked.code).toBe(0)
    expect(revoked.out).toMatch(/^Status {4}ended$/m)
    const audit = await as('audrey', 'audit', 'export', '--request', id, '--event', 'grant.ended')
    expect(audit.out.match(/"event":"grant\.ended"/g)).toHaveLength(1)
  })

  test('lets the broker verify its audit', async () => {
    const verified = await as('audrey', 'audit', 'verify')

    expect(verified).toMatchObject({ code: 0, err: '' })
    expect(verified.out).toMatch(/^Verdict +intact$/m)
  })

  test('says in one line what is not possible, and to whom it is not', async () => {
    const refused = await as('mia', 'config', 'export')
    const unknown = await as('mia', 'show', 'nothing')

    expect(refused).toEqual({
      code: 1,
      out: '',
      err: 'Cannot export the configuration: Your roles do not allow this call.\n',
    })
    expect(unknown.code).toBe(1)
    expect(unknown.err.split('\n')).toHaveLength(2)
  })

  test('sets up an integration with its flows from a file, and the second time changes nothing', async () => {
    const file = join(home, 'access.yaml')
    await as('ada', 'config', 'export', '--out', file)
    const before = await as('ada', 'config', 'plan', file)
    expect(before.code).toBe(0)
    expect(before.out).toMatch(/^Nothing changes\.$/m)

    await writeFile(file, `${await readFile(file, 'utf8')}${night}`)
    const planned = await as('ada', 'config', 'plan', file)
    expect(planned.code).toBe(2)
    expect(planned.out).toContain('+ access flow night')
    expect(planned.out).toContain('Plan: 1 to create, 0 to change, 0 to delete.')

    const applied = await as('ada', 'config', 'apply', file, '--yes')
    expect(applied).toMatchObject({
      code: 0,
      out: 'Applied: 1 created, 0 changed, 0 deleted.\n',
    })
    expect((await as('ada', 'config', 'plan', file)).code).toBe(0)
    const changes = await as('audrey', 'audit', 'export', '--event', 'configuration.changed')
    expect(changes.out.match(/"event":"configuration\.changed"/g)).toHaveLength(1)
  })

  test('sets up owners and approval, and carries a request over its second tier to its end', async () => {
    const file = join(home, 'customers.yaml')
    await writeFile(file, customers)
    expect((await as('ada', 'config', 'apply', file, '--yes')).code).toBe(0)

    const { id } = await jsonOf('mia', ...ask('Customer Data Readers'), '--flow', 'customer-data')
    const early = await as('ruth', 'approve', id)
    expect(early.code).toBe(1)
    await eventually(
      () => jsonOf('ruth', 'approvals'),
      ({ items }) => items.some((item: { id: string }) => item.id === id),
    )
    const approved = await as('ruth', 'approve', id, '--reason', 'she is on the case')
    expect(approved.out).toContain('Ruth Abramson said approve, "she is on the case"')

    const ended = await eventually(
      () => jsonOf('mia', 'show', id),
      ({ status }) => status === 'ended',
    )
    expect(ended).toMatchObject({ endReason: 'expired', mechanism: 'direct' })
  })

  test('takes four megabytes of configuration, and no more', async () => {
    const labels = Array.from({ length: 41 }, () => 'x'.repeat(100))
    const accessFlows = Array.from({ length: 900 }, (_, n) => ({ ...aFlow, name: `f${n}`, labels }))
    const set = JSON.stringify({ accessFlows })
    expect(set.length).toBeGreaterThan(4_000_000)
    const planned = await type(['config', 'plan', '-', '--as', 'ada', '--output', 'json'], set)
    expect(planned.code).toBe(2)
    expect(JSON.parse(planned.out).changes).toHaveLength(900)
    const applied = await type(['config', 'apply', '-', '--as', 'ada', '--yes'], set)
    expect(applied.out).toBe('Applied: 900 created, 0 changed, 0 deleted.\n')
    const parts = await as('audrey', 'audit', 'export', '--event', 'configuration.changed')
    expect(parts.out.match(/"parts":18/g)).toHaveLength(18)

    const refused = await type(
      ['config', 'plan', '-', '--as', 'ada'],
      `${set.slice(0, -1)}${' '.repeat(300_000)}}`,
    )
    expect(refused).toMatchObject({
      code: 1,
      err: 'Cannot plan it: A body may have 4194304 bytes.\n',
    })
  })
})

const aFlow = {
  requesters: {
    operator: 'or',
    conditions: [{ type: 'user', values: ['5e9d1000-0000-4000-8000-000000000004'] }],
  },
  targets: [
    {
      integration: 'ContosoEntra',
      resourceType: 'group',
      permissions: ['member'],
      include: [{ by: 'name', values: ['Nothing at all'] }],
    },
  ],
  duration: { maximum: 'PT1H' },
} as const

const ask = (name: string) => [
  ...['request', name, '--duration', '5s', '--justification', 'a case of a customer'],
]

const customers = `integrations:
  - name: CustomerEntra
    resourceTypes: [group]
    include: [{ by: name, values: [Customer *] }]
    owner: { attribute: user, values: ['5e9d1000-0000-4000-8000-000000000006'] } # Ruth
    resourceOwner: { keyName: owners, attribute: id }
accessFlows:
  - name: customer-data
    requesters:
      operator: or
      conditions: [{ type: user, values: ['5e9d1000-0000-4000-8000-000000000004'] }] # Mia
    targets:
      - { integration: CustomerEntra, resourceType: group, permissions: [member] }
    approval:
      mode: any-of
      steps:
        - { approvers: [resource-owner], escalateAfter: PT3S }
        - { approvers: [integration-owner] }
    duration: { maximum: PT1H }
    justification: { required: true }
`

const night = `  - name: night
    requesters:
      operator: or
      conditions:
        - { type: user, values: [5e9d1000-0000-4000-8000-000000000004] }
    targets:
      - integration: ContosoEntra
        resourceType: group
        permissions: [member]
    duration: { maximum: PT1H }
`
