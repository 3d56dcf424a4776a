/** Waits for work to end, but no longer than so many milliseconds. */
export async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timeout: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timeout = setTimeout(resolve, milliseconds)
  })
  try {
    await Promise.race([work, patience])
  } finally {
    clearTimeout(timeout)
  }
}
