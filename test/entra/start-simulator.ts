import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EntraOptions, startEntra } from '../../local/entra/start-entra.ts'
import type { SimulatedTenant } from '../../local/entra/tenant.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'

export type Answer = Awaited<ReturnType<typeof answerOf>>

export type Simulator = Awaited<ReturnType<typeof startSimulator>>

/** Status, code and text of a refusal by Graph. */
export const errorOf = ({ status, body }: Answer): readonly unknown[] => [
  status,
  body.error?.code,
  body.error?.message,
]

/** Graph's 404, which does not say whether the object or a link of it is missing. */
export const missing = (id: string) => [
  404,
  'Request_ResourceNotFound',
  `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
]

interface Options extends Partial<Pick<EntraOptions, 'quotas'>> {
  readonly tenant?: SimulatedTenant
  /** Application permissions of the caller; the sample company's own if absent. */
  readonly permissions?: readonly string[]
}

// Making a key takes longer than everything else, so all simulators of a file share one.
let key: string | undefined

/** The simulator with a clock of its own, reached over HTTP as everybody reaches it. */
export async function startSimulator({ tenant = seedTenant, permissions, ...rest }: Options = {}) {
  const clock = { time: Date.parse('2026-01-05T12:00:00Z') }
  const stateDirectory = await mkdtemp(join(tmpdir(), 'entra-jit-simulator-'))
  const keyFile = join(stateDirectory, 'signing-key.json')
  if (key !== undefined) await writeFile(keyFile, key)
  const options: EntraOptions = {
    ...rest,
    stateDirectory,
    tenant: permissions === undefined ? tenant : withPermissions(tenant, permissions),
    now: () => new Date(clock.time),
  }
  let entra = await startEntra(options)
  key ??= await readFile(keyFile, 'utf8')

  const post = async (path: string, form: Readonly<Record<string, string>>): Promise<Answer> =>
    answerOf(
      await fetch(`${entra.url}${path}`, { method: 'POST', body: new URLSearchParams(form) }),
    )
  const token = async (form: Readonly<Record<string, string>>) =>
    post(`/${tenant.tenantId}/oauth2/v2.0/token`, form)
  let known = { url: '', time: 0, value: '' }
  const graphToken = async (): Promise<string> => {
    const isGood = known.url === entra.url && clock.time < known.time + 30 * 60_000
    if (isGood) return known.value
    const { body } = await token({
      grant_type: 'client_credentials',
      client_id: tenant.apiClientId,
      client_secret: 'local',
      scope: 'https://graph.microsoft.com/.default',
    })
    known = { url: entra.url, time: clock.time, value: body.access_token }
    return known.value
  }

  return {
    token,
    graphToken,
    url: () => entra.url,
    now: () => new Date(clock.time),
    /** Lets time pass. */
    advance(minutes: number) {
      clock.time += minutes * 60_000
    },
    /** One call to Graph below `/v1.0`, or to an address that an answer named. */
    async graph(
      method: string,
      path: string,
      body?: unknown,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<Answer> {
      const address = path.replace('https://graph.microsoft.com/v1.0', '')
      const response = await fetch(`${entra.url}/v1.0${address}`, {
        method,
        headers: {
          authorization: `Bearer ${await graphToken()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return answerOf(response)
    },
    /** One call to what the simulator tells and is told about itself. */
    async control(method: string, name: string, body?: unknown): Promise<Answer> {
      const response = await fetch(`${entra.url}/_simulator/${name}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return answerOf(response)
    },
    fetch: (path: string, init?: RequestInit) => fetch(`${entra.url}${path}`, init),
    /** Stops it and starts it again on what it has kept. */
    async restart(port = 0) {
      await entra.stop()
      entra = await startEntra({ ...options, port })
    },
    async stop() {
      await entra.stop()
      await rm(stateDirectory, { recursive: true })
    },
  }
}

function withPermissions(tenant: SimulatedTenant, graphRoles: readonly string[]): SimulatedTenant {
  const clients = tenant.clients.map((client) =>
    client.clientId === tenant.apiClientId ? { ...client, graphRoles } : client,
  )
  return { ...tenant, clients }
}

async function answerOf(response: Response) {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  }
}
