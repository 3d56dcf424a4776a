import { type Request, read, request } from './answers.ts'
import { ApiRefusal } from './api.ts'
import { CliError } from './cli-error.ts'
import type { Context } from './context.ts'
import { durationWords, relative, secondsOf } from './time.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const pollMilliseconds = 1_000

/** A line that is rewritten on a terminal; elsewhere each new text is a line of its own. */
export interface LiveLine {
  show(text: string): void
  end(): void
}

/** A live line on what is said to the person. */
export function liveLine({ world }: Pick<Context, 'world'>): LiveLine {
  const { err } = world
  let frame = 0
  let last = ''
  return {
    show(text) {
      if (err.isTTY === true) {
        const line = `${frames[frame++ % frames.length]} ${text}`
        err.write(`\r\u001b[K${line.slice(0, (err.columns ?? 80) - 1)}`)
      } else if (text !== last) {
        err.write(`${text}\n`)
      }
      last = text
    },
    end() {
      if (err.isTTY === true) err.write('\r\u001b[K')
    },
  }
}

/** Follows a request until it is as wanted; a broker that is away for a moment is waited for. */
export async function followRequest(
  context: Context,
  id: string,
  isDone: (request: Request) => boolean,
  timeout: string,
): Promise<Request> {
  const { world, api } = context
  const giveUpAt = world.now().getTime() + (secondsOf(timeout) ?? 0) * 1_000
  const line = liveLine(context)
  try {
    for (;;) {
      const now = await lookAt(context, id)
      if (now !== undefined && isDone(now)) return now
      if (world.now().getTime() >= giveUpAt) {
        const status = now?.status ?? 'unknown'
        throw new CliError(`Cannot wait longer than ${durationWords(timeout)}: it is ${status}`, {
          hint: `Look again with: entra-jit show ${id}`,
        })
      }
      line.show(
        now === undefined ? `${api.address} does not answer` : waitingWords(now, world.now()),
      )
      await world.sleep(pollMilliseconds)
    }
  } finally {
    line.end()
  }
}

async function lookAt({ api }: Context, id: string): Promise<Request | undefined> {
  try {
    const { body } = await api.call('GET', `/requests/${id}`, { action: 'look at the request' })
    return read(request, body)
  } catch (error) {
    const isAway = error instanceof ApiRefusal ? error.status >= 500 || error.status === 429 : true
    if (isAway && error instanceof CliError) return undefined
    throw error
  }
}

function waitingWords({ status, startsAt, approval }: Request, now: Date): string {
  switch (status) {
    case 'pending-approval': {
      const until = relative(approval?.deadline, now)
      return until === undefined
        ? 'waiting for approval'
        : `waiting for approval, times out ${until}`
    }
    case 'scheduled':
      return `starts ${relative(startsAt, now) ?? 'later'}`
    default:
      return status
  }
}
