import type { CoreContext, Library } from './core-types.ts'

/** What the library's own constructor of requests takes. */
interface RequestData {
  readonly nativeRequest: Request
  readonly params: Readonly<Record<string, string>>
}

const bindings = {
  probeTrigger: { type: 'probeTrigger', direction: 'in' },
  request: { type: 'request', direction: 'in' },
}

/**
 * Makes a request of the class that the app's own copy of the library has, which a bundle does not
 * export: the library turns HTTP data of any input binding into one.
 */
export async function createHttpRequest(library: Library, data: RequestData): Promise<unknown> {
  const query = library.streams ? {} : { nullableQuery: joinQuery(data.nativeRequest.url) }
  const inputData = [{ name: 'request', data: { http: { ...data, ...query } } }]
  const coreContext: CoreContext = {
    invocationId: '',
    metadata: { name: 'request', bindings },
    request: { inputData },
    state: undefined,
    log: () => undefined,
  }
  const model = library.model?.getInvocationModel(coreContext)
  if (model === undefined) throw new Error('Cannot make a request: no programming model is set')
  const { context } = await model.getArguments()
  return context.extraInputs.get('request')
}

/** Unless an app streams, the host joins the values of a name that comes several times. */
function joinQuery(url: string): Record<string, { value: string }> {
  const { searchParams } = new URL(url)
  const names = [...new Set(searchParams.keys())]
  return Object.fromEntries(
    names.map((name) => [name, { value: searchParams.getAll(name).join(',') }]),
  )
}
