/** Milliseconds of a time span of .NET, such as `00:05:00` or `1.12:00:00`. */
export function parseTimeSpan(text: string): number {
  const found = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?$/.exec(text.trim())
  if (found === null) throw new Error(`Cannot read the time span "${text}": it is not d.hh:mm:ss`)
  const [day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 5)
    .map((part) => Number(part ?? 0))
  const fraction = Number(`0.${found[5] ?? 0}`)
  return Math.round((((day * 24 + hour) * 60 + minute) * 60 + second + fraction) * 1000)
}
