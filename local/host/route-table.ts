import type { AppFunction } from './invocation.ts'
import { compileRoute, type MatchRoute, type RouteParams } from './route-template.ts'
import type { Log } from './seams.ts'

export interface RouteHit {
  readonly fn: AppFunction
  readonly params: RouteParams
}

/** Finds the function for a method and a path; both must fit, or there is none. */
export type FindRoute = (method: string, path: string) => RouteHit | undefined

interface Route {
  readonly fn: AppFunction
  readonly match: MatchRoute
  readonly methods: readonly string[]
}

/** The routes of the HTTP functions. The first that fits wins, in the order of `functions`. */
export function createRouteTable(
  functions: Iterable<AppFunction>,
  routePrefix: string,
  log: Log,
): FindRoute {
  const prefix = routePrefix.replace(/^\/+|\/+$/g, '')
  const routes: Route[] = []
  for (const fn of functions) {
    if (fn.trigger.type.toLowerCase() !== 'httptrigger') continue
    try {
      routes.push(readRoute(fn, prefix))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log('error', 'Host.Startup', `Cannot serve ${fn.name}: ${reason}`)
    }
  }
  return (method, path) => {
    for (const { fn, match, methods } of routes) {
      if (!methods.includes(method)) continue
      const params = match(path)
      if (params !== undefined) return { fn, params }
    }
    return undefined
  }
}

/** Route and methods of an HTTP function, as the host lists them. */
export function routeOf(fn: AppFunction, prefix: string): { route: string; methods: string[] } {
  const { route, methods } = fn.trigger
  const own = typeof route === 'string' && route !== '' ? route.replace(/^\/+/, '') : fn.name
  return {
    route: prefix === '' ? own : `${prefix}/${own}`,
    methods: Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : [],
  }
}

function readRoute(fn: AppFunction, prefix: string): Route {
  const { route, methods } = routeOf(fn, prefix)
  if (/^(?:admin|runtime)(?:\/|$)/i.test(route)) {
    throw new Error(`its route ${route} is reserved for the host`)
  }
  return { fn, match: compileRoute(route), methods }
}
