/** One HTTP exchange of the simulator without its socket. */

export interface SimulatorRequest {
  readonly method: string
  /** Origin as the caller wrote it, so that answers can name links to themselves. */
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Raw text; empty when there was no body. */
  readonly body: string
}

export interface SimulatorAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text is sent as it is, with the content type of `headers`; anything else as JSON. */
  readonly body?: unknown
}
