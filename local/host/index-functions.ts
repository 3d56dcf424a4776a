import type { CoreBinding, CoreMetadata, Registrations } from './core-types.ts'
import { type HostJson, hostJsonValue } from './host-json.ts'
import type { AppFunction } from './invocation.ts'
import type { Binding, Log } from './seams.ts'
import { readSetting, resolveNames, type Settings } from './settings.ts'

const category = 'Host.Startup'

interface Needs {
  readonly settings: Settings
  readonly hostJson: HostJson
  readonly log: Log
}

/**
 * The functions that this host runs, by name and in the order of their names: not those that are
 * switched off or cannot be understood, and none at all when two share a name.
 */
export function indexFunctions(
  registrations: Registrations,
  { settings, hostJson, log }: Needs,
): Map<string, AppFunction> {
  const registered = registrations.functions
  const twice = findTwice(registered.map(({ metadata }) => metadata.name))
  if (twice !== undefined) {
    log('error', category, `Cannot load any function: two are named ${twice}`)
    return new Map()
  }

  const allowed = hostJsonValue(hostJson, 'functions')
  const functions: AppFunction[] = []
  for (const { metadata, callback, library } of registered) {
    const { name } = metadata
    if (isDisabled(name, settings) || (Array.isArray(allowed) && !allowed.includes(name))) {
      log('information', category, `${name} is switched off`)
      continue
    }
    try {
      const bindings = resolveBindings(metadata, settings)
      const trigger = findTrigger(bindings)
      const resolved = { ...metadata, bindings }
      functions.push({ name, trigger, bindings, metadata: resolved, callback, library })
    } catch (error) {
      log(
        'error',
        category,
        `Cannot load ${name}: ${error instanceof Error ? error.message : error}`,
      )
    }
  }
  functions.sort((one, other) => compareNames(one.name, other.name))
  return new Map(functions.map((fn) => [fn.name, fn]))
}

/** Function names compare without case. */
function compareNames(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  return a < b ? -1 : Number(a > b)
}

function findTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return names.find((name) => seen.size === seen.add(name.toLowerCase()).size)
}

function isDisabled(name: string, settings: Settings): boolean {
  const value =
    readSetting(settings, `AzureWebJobs.${name}.Disabled`) ??
    readSetting(settings, `AzureWebJobs__${name}__Disabled`)
  return value !== undefined && ['true', '1'].includes(value.toLowerCase())
}

function resolveBindings(metadata: CoreMetadata, settings: Settings): Record<string, Binding> {
  const bindings: Record<string, Binding> = {}
  for (const [key, binding] of Object.entries(metadata.bindings)) {
    bindings[key] = { ...resolveOptions(binding, settings), name: key }
  }
  return bindings
}

function resolveOptions(binding: CoreBinding, settings: Settings): CoreBinding {
  const resolved = Object.entries(binding).map(([option, value]) => [
    option,
    typeof value === 'string' ? resolveNames(value, settings) : value,
  ])
  return { ...binding, ...Object.fromEntries(resolved) }
}

function findTrigger(bindings: Readonly<Record<string, Binding>>): Binding {
  const trigger = Object.values(bindings).find(({ type }) => /trigger$/i.test(type))
  if (trigger === undefined) throw new Error('it has no trigger')
  return trigger
}
