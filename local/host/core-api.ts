import Module, { createRequire } from 'node:module'
import {
  type CoreCallback,
  type CoreMetadata,
  type HookCallback,
  type HookName,
  hookNames,
  type Library,
  type ProgrammingModel,
  type Registrations,
} from './core-types.ts'

/**
 * The module `@azure/functions-core`, which exists only inside a Functions worker: the library
 * `@azure/functions` requires it on first use, and registers functions and hooks through it.
 *
 * Each copy of the library (an app bundle carries its own) requires it once and gets an object of
 * its own, so that every function is later run by the copy that registered it.
 */

type Load = (request: string, parent: unknown, isMain: boolean) => unknown

const coreName = '@azure/functions-core'
const lentLibraries = ['@azure/functions', 'durable-functions']
let capturing: Registrations | undefined
let queue: Promise<unknown> = Promise.resolve()

/** Runs `load` and tells what it registered. Loads of one process wait for each other. */
export function captureRegistrations(load: () => Promise<void>): Promise<Registrations> {
  const captured = queue.then(() => capture(load))
  queue = captured.catch(() => undefined)
  return captured
}

async function capture(load: () => Promise<void>): Promise<Registrations> {
  const registrations: Registrations = {
    functions: [],
    hooks: { preInvocation: [], postInvocation: [], appStart: [], appTerminate: [] },
  }
  const loader = moduleLoader()
  const original = loader._load
  const patched: Load = (request, parent, isMain) => {
    if (capturing === undefined) return original.call(Module, request, parent, isMain)
    if (request === coreName) return createCore()
    return original.call(Module, lendLibrary(request, parent), parent, isMain)
  }

  capturing = registrations
  loader._load = patched
  try {
    await load()
    return registrations
  } finally {
    capturing = undefined
    // Someone else may have wrapped the loader meanwhile; then ours stays, and only passes on.
    if (loader._load === patched) loader._load = original
  }
}

/** An app folder without libraries of its own, such as a sample, uses those of this host. */
function lendLibrary(request: string, parent: unknown): string {
  if (!lentLibraries.includes(request)) return request
  const from = isFiled(parent) ? parent.filename : import.meta.url
  try {
    return createRequire(from).resolve(request)
  } catch {
    return createRequire(import.meta.url).resolve(request)
  }
}

function isFiled(parent: unknown): parent is { readonly filename: string } {
  return (
    typeof parent === 'object' &&
    parent !== null &&
    'filename' in parent &&
    typeof parent.filename === 'string'
  )
}

function createCore(): Record<string, unknown> {
  const library: Library = { model: undefined, streams: false }
  return {
    version: '3.13.0',
    hostVersion: '4.1037.0',
    Disposable,
    registerFunction(metadata: CoreMetadata, callback: CoreCallback) {
      const { functions } = registering('function', metadata.name)
      const entry = { metadata, callback, library }
      functions.push(entry)
      return new Disposable(() => functions.splice(functions.indexOf(entry), 1))
    },
    registerHook(name: string, callback: HookCallback) {
      const { hooks } = registering('hook', name)
      const callbacks = hookNames.some((known) => known === name) ? hooks[name as HookName] : []
      callbacks.push(callback)
      return new Disposable(() => callbacks.splice(callbacks.indexOf(callback), 1))
    },
    setProgrammingModel(model: ProgrammingModel) {
      library.model = model
    },
    getProgrammingModel: () => library.model,
    // The library says it nowhere else.
    log(_level: string, _category: string, message: string) {
      if (message === 'HTTP streaming enabled.') library.streams = true
    },
  }
}

function registering(what: string, name: string): Registrations {
  if (capturing === undefined) {
    throw new Error(`Cannot register ${what} ${name}: the app has started already`)
  }
  return capturing
}

class Disposable {
  readonly #dispose: () => unknown

  constructor(dispose: () => unknown) {
    this.#dispose = dispose
  }

  static from(...disposables: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose()
    })
  }

  dispose(): unknown {
    return this.#dispose()
  }
}

function moduleLoader(): { _load: Load } {
  const loader: unknown = Module
  if (typeof loader === 'function' && '_load' in loader && isLoad(loader._load)) {
    return loader as unknown as { _load: Load }
  }
  throw new Error('Cannot load an app: this version of Node has no Module._load')
}

function isLoad(value: unknown): value is Load {
  return typeof value === 'function'
}
