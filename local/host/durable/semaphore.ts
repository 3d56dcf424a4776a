/** Lets so many pieces of work run at a time; the others wait in line. */
export function createSemaphore(
  most: number,
): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let running = 0
  const line: (() => void)[] = []
  return async (work) => {
    if (running >= most) await new Promise<void>((enter) => line.push(enter))
    else running += 1
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
