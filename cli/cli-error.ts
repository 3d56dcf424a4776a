/** What ends a command: one clear line for the person, and the code for the shell. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number
  /** What to do about it, on a line of its own. */
  readonly hint: string | undefined

  constructor(message: string, more: { hint?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: more.cause })
    this.hint = more.hint
    this.exitCode = more.exitCode ?? 1
  }
}
