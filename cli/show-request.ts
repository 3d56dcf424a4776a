import type { Command } from 'commander'
import * as z from 'zod'
import type { Request } from './answers.ts'
import { CliError } from './cli-error.ts'
import type { Context } from './context.ts'
import { requestFacts } from './request-words.ts'
import { parseDuration } from './time.ts'
import { followRequest } from './wait.ts'

/** Options of a command that can wait for what becomes of a request. */
export const waitOptions = { wait: z.boolean().default(false), timeout: z.string() }

/** Adds those options. */
export function withWait(command: Command, until: string): Command {
  return command.option('--wait', until).option('--timeout <time>', 'how long to wait', '1h')
}

const undecided = new Set(['pending-approval', 'scheduled', 'granting'])

/** Whether the request has come to something, or to nothing. */
export function isDecided({ status }: Request): boolean {
  return !undecided.has(status)
}

/** Whether nothing more will happen to it. */
export function isOver({ status }: Request): boolean {
  return ['ended', 'failed', 'denied', 'cancelled', 'timed-out'].includes(status)
}

interface Waiting {
  readonly until: (request: Request) => boolean
  readonly timeout: string
}

/** Shows a request, as it is or once it is as wanted; waiting for nothing is an error. */
export async function showWhen(context: Context, first: Request, waiting?: Waiting): Promise<void> {
  const last =
    waiting === undefined
      ? first
      : await followRequest(context, first.id, waiting.until, parseDuration(waiting.timeout))
  context.show(last, () => requestFacts(last, context))
  const cameToNothing = ['failed', 'denied', 'cancelled', 'timed-out'].includes(last.status)
  if (waiting?.until === isDecided && cameToNothing) {
    throw new CliError(`Cannot use it: the request is ${last.status}`)
  }
}

/** The fields that somebody has given. */
export function given(
  fields: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
