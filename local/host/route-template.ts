/** Values of the parameters of a route; what was not given is absent. */
export type RouteParams = Readonly<Record<string, string>>

/** Tries a path (without leading slash) on a template. */
export type MatchRoute = (path: string) => RouteParams | undefined

interface Parameter {
  readonly name: string
  readonly optional: boolean
  readonly fallback: string | undefined
  readonly accepts: readonly ((value: string) => boolean)[]
}

interface Segment {
  readonly pattern: RegExp
  readonly parameters: readonly Parameter[]
  readonly omittable: boolean
}

/** Compiles a route template of ASP.NET, such as `orders/{id:int}/{*rest}`. */
export function compileRoute(template: string): MatchRoute {
  const texts = splitSegments(template.replace(/^\/|\/$/g, ''))
  const last = texts.at(-1) ?? ''
  const catchAll = /^\{\*{1,2}/.test(last)
    ? readParameter(last.replace(/^\{\*{1,2}/, '').slice(0, -1))
    : undefined
  const segments = (catchAll === undefined ? texts : texts.slice(0, -1)).map(compileSegment)

  return (path) => {
    const values: Record<string, string> = {}
    const parts = path === '' ? [] : path.split('/')
    if (parts.at(-1) === '') parts.pop()
    for (const [index, segment] of segments.entries()) {
      if (!matchSegment(segment, parts[index], values)) return undefined
    }
    const rest = parts.slice(segments.length)
    if (catchAll !== undefined) return take(catchAll, rest.map(decode).join('/'), values)
    return rest.length === 0 ? values : undefined
  }
}

function matchSegment(
  segment: Segment,
  part: string | undefined,
  values: Record<string, string>,
): boolean {
  if (part === undefined) {
    const [parameter] = segment.parameters
    if (!segment.omittable || parameter === undefined) return false
    return take(parameter, '', values) !== undefined
  }
  const found = segment.pattern.exec(decode(part))
  if (found === null) return false
  return segment.parameters.every((parameter, index) => {
    return take(parameter, found[index + 1] ?? '', values) !== undefined
  })
}

function take(
  parameter: Parameter,
  text: string,
  values: Record<string, string>,
): RouteParams | undefined {
  const value = text === '' ? parameter.fallback : text
  if (value === undefined) return values
  if (!parameter.accepts.every((accepts) => accepts(value))) return undefined
  values[parameter.name] = value
  return values
}

/** A slash written as %2F belongs to its segment, and stays written so. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part.replace(/%2f/gi, '%252F'))
  } catch {
    return part
  }
}

function splitSegments(template: string): string[] {
  // A slash inside braces belongs to a default value or a constraint.
  return template === '' ? [] : (template.match(/(?:\{[^}]*\}|[^/{])+/g) ?? [])
}

function compileSegment(text: string): Segment {
  const parameters: Parameter[] = []
  const pattern = text.replace(
    /\{([^}]*)\}|([^{]+)/g,
    (_all, inside?: string, literal?: string) => {
      if (inside === undefined) return escapePattern(literal ?? '')
      const parameter = readParameter(inside)
      parameters.push(parameter)
      return parameter.optional ? '(.*?)' : '(.+?)'
    },
  )
  const alone = parameters.length === 1 && /^\{[^}]*\}$/.test(text)
  const [first] = parameters
  return {
    pattern: new RegExp(`^${pattern}$`, 'is'),
    parameters,
    omittable: alone && (first?.optional === true || first?.fallback !== undefined),
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function readParameter(inside: string): Parameter {
  const [declared = '', ...defaults] = inside.split('=')
  const optional = declared.endsWith('?')
  const [name = '', ...constraints] = (optional ? declared.slice(0, -1) : declared).split(':')
  if (!/^[\w-]+$/.test(name))
    throw new Error(`its route has a parameter without a name: {${inside}}`)
  return {
    name,
    optional,
    fallback: defaults.length > 0 ? defaults.join('=') : undefined,
    accepts: constraints.map(readConstraint),
  }
}

const plainConstraints: Readonly<Record<string, RegExp>> = {
  int: /^[+-]?\d{1,10}$/,
  long: /^[+-]?\d{1,19}$/,
  guid: /^[{(]?[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}[)}]?$/i,
  alpha: /^[a-z]*$/i,
  bool: /^(?:true|false)$/i,
  decimal: /^[+-]?\d+(?:\.\d+)?$/,
  double: /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i,
  required: /./,
}

function readConstraint(text: string): (value: string) => boolean {
  const plain = plainConstraints[text.toLowerCase()]
  if (plain !== undefined) return (value) => plain.test(value)

  const [, name = '', list = ''] = /^(\w+)\((.*)\)$/.exec(text) ?? []
  const [low = Number.NaN, high = low] = list.split(',').map(Number)
  const numeric = (value: string) => /^[+-]?\d+$/.test(value)
  switch (name.toLowerCase()) {
    case 'min':
      return (value) => numeric(value) && Number(value) >= low
    case 'max':
      return (value) => numeric(value) && Number(value) <= low
    case 'range':
      return (value) => numeric(value) && Number(value) >= low && Number(value) <= high
    case 'minlength':
      return (value) => value.length >= low
    case 'maxlength':
      return (value) => value.length <= low
    case 'length':
      return (value) => value.length >= low && value.length <= high
    default:
      throw new Error(`its route has a constraint that this host does not know: ${text}`)
  }
}
