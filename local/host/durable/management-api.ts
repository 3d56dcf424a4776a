import type { Clock, PlainRequest, PlainResponse } from '../seams.ts'
import { managementAddresses } from './client-addresses.ts'
import type { EngineSettings } from './engine-settings.ts'
import { type InstanceHead, isFinished } from './instance.ts'
import { instanceFilter } from './instance-filter.ts'
import { type Orchestrations, randomId } from './orchestrations.ts'
import { invalidJson, isJson, json, text, textOf } from './plain-answers.ts'
import { statusView } from './status-view.ts'
import type { DurableStore } from './store.ts'

interface Needs {
  readonly orchestrations: Orchestrations
  readonly store: DurableStore
  readonly settings: EngineSettings
  readonly clock: Clock
  readonly random: () => number
}

type Answer = Promise<PlainResponse> | PlainResponse

const notFound: PlainResponse = { status: 404, headers: {}, body: '' }
const accepted: PlainResponse = { status: 202, headers: {}, body: '' }
const gone: PlainResponse = { status: 410, headers: {}, body: '' }
const pageSize = 100

/**
 * The HTTP management API, which the durable client of the app uses too: `orchestrators/…` starts,
 * `instances/…` asks, lists, raises events, suspends, resumes, terminates and purges.
 */
export function createManagementApi(
  needs: Needs,
): (request: PlainRequest) => Promise<PlainResponse> {
  const { orchestrations, store, settings, clock, random } = needs

  async function route(request: PlainRequest): Promise<PlainResponse> {
    const hub = request.query.get('taskHub')
    if (hub !== null && hub.toLowerCase() !== settings.taskHub.toLowerCase()) return notFound
    const parts = partsOf(request.path)
    if (parts === undefined) return notFound
    const [area, first, operation, last, ...more] = parts
    if (more.length > 0) return notFound
    switch (area?.toLowerCase()) {
      case 'orchestrators':
        if (request.method !== 'POST' || !first || last !== undefined) return notFound
        return start(request, first, operation)
      case 'instances':
        return first ? onInstance(request, first, operation, last) : onAll(request)
      case 'entities':
        return text(501, 'This host does not offer durable entities.')
      default:
        return notFound
    }
  }

  function onInstance(request: PlainRequest, id: string, operation = '', last = ''): Answer {
    const reason = request.query.get('reason')
    switch (`${request.method} ${operation.toLowerCase()}`) {
      case 'GET ':
        return status(request, id)
      case 'DELETE ':
        return purge(id)
      case 'POST raiseevent':
        return last === '' ? notFound : raiseEvent(request, id, last)
      case 'POST terminate':
        return raise(id, { EventType: 3, Input: reason })
      case 'POST suspend':
        return suspendOrResume(id, 'suspend', reason)
      case 'POST resume':
        return suspendOrResume(id, 'resume', reason)
      case 'POST rewind':
        return rewind(id)
      case 'POST restart':
        return restart(request, id)
      default:
        return notFound
    }
  }

  function onAll(request: PlainRequest): Answer {
    if (request.method === 'GET') return list(request)
    return request.method === 'DELETE' ? purgeMany(request) : notFound
  }

  async function start(
    request: PlainRequest,
    name: string,
    wanted?: string,
  ): Promise<PlainResponse> {
    const body = textOf(request)
    if (body !== '' && !isJson(body)) return invalidJson(body)
    const id = wanted || randomId(random, '')
    const version = request.query.get('version')
    const input = body === '' ? null : body
    const begun = await orchestrations.begin({ id, name, version, input })
    if (begun !== 'begun') {
      const Message = `An Orchestration instance with the status ${begun} already exists.`
      return json(409, { Message })
    }
    const timeout = Number(request.query.get('timeout') ?? Number.NaN)
    const interval = Number(request.query.get('pollingInterval') ?? Number.NaN)
    if (timeout > 0 && interval > 0) return waitFor(request, id, timeout * 1000, interval * 1000)
    return checkStatus(request, id)
  }

  function checkStatus(request: PlainRequest, id: string): PlainResponse {
    const { baseUrl, query } = request
    const { taskHub, connectionName } = settings
    const place = { baseUrl, taskHub, connectionName, key: query.get('code') ?? undefined }
    const addresses = managementAddresses(id, place)
    const headers = { location: addresses.statusQueryGetUri, 'retry-after': '10' }
    return json(202, addresses, headers)
  }

  async function waitFor(request: PlainRequest, id: string, most: number, interval: number) {
    const deadline = clock.now() + most
    for (;;) {
      const head = await orchestrations.readHead(id)
      if (head !== undefined && isFinished(head)) {
        const view = statusView({ head }, plain)
        return json(200, head.status === 'Completed' ? view.output : view)
      }
      const left = deadline - clock.now()
      if (left <= 0) return checkStatus(request, id)
      await new Promise<void>((resolve) => {
        clock.at(clock.now() + Math.min(interval, left), resolve)
      })
    }
  }

  async function status(request: PlainRequest, id: string): Promise<PlainResponse> {
    const flag = (name: string) => request.query.get(name)?.toLowerCase()
    const showHistory = flag('showHistory') === 'true'
    const instance = showHistory
      ? await orchestrations.read(id)
      : await orchestrations.readHead(id).then((head) => head && { head })
    if (instance === undefined) return notFound
    const view = statusView(instance, {
      showInput: flag('showInput') !== 'false',
      showHistory,
      showHistoryOutput: flag('showHistoryOutput') === 'true',
    })
    if (!isFinished(instance.head)) {
      const query = new URLSearchParams(request.query).toString()
      const location = `${request.baseUrl}/instances/${id}${query === '' ? '' : `?${query}`}`
      return json(202, view, { location, 'retry-after': '5' })
    }
    const isError = flag('returnInternalServerErrorOnFailure') === 'true'
    return json(isError && instance.head.status === 'Failed' ? 500 : 200, view)
  }

  async function raiseEvent(request: PlainRequest, id: string, name: string) {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/json') {
      return json(400, { Message: 'Only application/json request content is supported' })
    }
    const body = textOf(request)
    if (!isJson(body)) return invalidJson(body)
    const Input = JSON.stringify(JSON.parse(body))
    return raise(id, { EventType: 15, Name: name, Input, ParentTraceContext: null })
  }

  async function raise(id: string, event: Parameters<Orchestrations['raise']>[1]) {
    const result = await orchestrations.raise(id, event)
    if (result === 'unknown') return notFound
    return result === 'finished' ? gone : accepted
  }

  async function suspendOrResume(id: string, verb: 'suspend' | 'resume', reason: string | null) {
    const head = await orchestrations.readHead(id)
    if (head === undefined) return notFound
    if (isFinished(head)) return gone
    if ((head.status === 'Suspended') === (verb === 'suspend')) {
      return json(500, {
        Message: 'Something went wrong while processing your request',
        ExceptionMessage: `Cannot ${verb} the orchestration instance ${id} because instance is in the ${head.status} state.`,
        ExceptionType: 'System.InvalidOperationException',
        StackTrace: '',
      })
    }
    return raise(id, { EventType: verb === 'suspend' ? 19 : 20, Reason: reason })
  }

  async function rewind(id: string): Promise<PlainResponse> {
    const head = await orchestrations.readHead(id)
    if (head === undefined) return text(404, `No orchestration with instance ID "$${id}" found.`)
    if (head.status === 'Failed') return text(501, 'This host does not offer to rewind.')
    return text(
      412,
      `This orchestration has status ${head.status}, but only orchestrations in the "Failed" state can be rewound.`,
    )
  }

  async function restart(request: PlainRequest, id: string): Promise<PlainResponse> {
    const head = await orchestrations.readHead(id)
    if (head === undefined) {
      return text(400, `An orchestration with the instanceId ${id} was not found.`)
    }
    const isNew = request.query.get('restartWithNewInstanceId')?.toLowerCase() !== 'false'
    const { name, version, input } = head
    const started = { id: isNew ? randomId(random, '') : id, name, version, input }
    const begun = await orchestrations.begin(started)
    return begun === 'begun'
      ? checkStatus(request, started.id)
      : json(409, { Message: `An Orchestration instance with the status ${begun} already exists.` })
  }

  async function purge(id: string): Promise<PlainResponse> {
    const head = await orchestrations.readHead(id)
    if (head === undefined) return notFound
    if (!isFinished(head)) {
      return text(
        412,
        `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${head.status}`,
      )
    }
    await store.purge(id)
    return json(200, { instancesDeleted: 1 })
  }

  async function list({ query, headers }: PlainRequest): Promise<PlainResponse> {
    const top = Number(query.get('top') ?? 0)
    const token = headers['x-ms-continuation-token']?.trim() ?? ''
    const wanted = instanceFilter(query)
    const found: InstanceHead[] = []
    let after = token === '' ? undefined : Buffer.from(token, 'base64').toString()
    const limit = top > 0 ? top : Number.POSITIVE_INFINITY
    for (;;) {
      const prefix = query.get('instanceIdPrefix') ?? ''
      const page = await store.list({ prefix, after, limit: pageSize })
      for (const head of page) {
        if (found.length >= limit) break
        after = head.id
        if (wanted(head)) found.push(head)
      }
      if (page.length < pageSize || found.length >= limit) break
    }
    const more = found.length >= limit && after !== undefined
    const continuation = more ? `${Buffer.from(after ?? '').toString('base64')} ` : undefined
    const showInput = query.get('showInput')?.toLowerCase() !== 'false'
    return json(
      200,
      found.map((head) => statusView({ head }, { ...plain, showInput })),
      continuation === undefined ? {} : { 'x-ms-continuation-token': continuation },
    )
  }

  async function purgeMany({ query }: PlainRequest): Promise<PlainResponse> {
    if (Number.isNaN(Date.parse(query.get('createdTimeFrom') ?? ''))) {
      return text(400, "Please provide value for 'createdTimeFrom' parameter.")
    }
    const wanted = instanceFilter(query)
    let instancesDeleted = 0
    let after: string | undefined
    for (;;) {
      const page = await store.list({ prefix: '', after, limit: pageSize })
      for (const head of page) {
        after = head.id
        if (!isFinished(head) || !wanted(head)) continue
        await store.purge(head.id)
        instancesDeleted += 1
      }
      if (page.length < pageSize) break
    }
    return instancesDeleted === 0 ? notFound : json(200, { instancesDeleted })
  }

  return async (request) => route(request)
}

const plain = { showInput: true, showHistory: false, showHistoryOutput: false }

/** The decoded parts of a path; undefined when an id holds what storage cannot keep. */
function partsOf(path: string): readonly string[] | undefined {
  try {
    const parts = path.replace(/\/$/, '').split('/').map(decodeURIComponent)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    return parts.some((part) => /[/\\#?\u0000-\u001f\u007f-\u009f]/.test(part)) ? undefined : parts
  } catch {
    return undefined
  }
}
