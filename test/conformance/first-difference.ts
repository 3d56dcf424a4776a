/** Where two values part, as a path with both sides; undefined where they are equal. */
export function firstDifference(recorded: unknown, seen: unknown, path = ''): string | undefined {
  if (Object.is(recorded, seen)) return undefined
  if (Array.isArray(recorded) && Array.isArray(seen)) {
    for (let index = 0; index < Math.max(recorded.length, seen.length); index += 1) {
      const found = firstDifference(recorded[index], seen[index], `${path}/${index}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (isObject(recorded) && isObject(seen)) {
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(seen)])) {
      const found = firstDifference(recorded[name], seen[name], `${path}/${name}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return `${path === '' ? '/' : path}: recorded ${shown(recorded)}, seen ${shown(seen)}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}
