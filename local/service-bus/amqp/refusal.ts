/** Why the service does not do what it was asked, in the words of its protocol. */
export interface Refusal {
  readonly condition: string
  readonly description: string
  /** The status that goes with it in answers to management requests. */
  readonly status: number
}

export const refusals = {
  unknownEntity: (address: string): Refusal => ({
    condition: 'amqp:not-found',
    description: `The messaging entity '${address}' could not be found.`,
    status: 404,
  }),
  notAllowed: (description: string): Refusal => ({
    condition: 'amqp:not-allowed',
    description,
    status: 400,
  }),
  notOffered: (description: string): Refusal => ({
    condition: 'amqp:not-implemented',
    description,
    status: 501,
  }),
  tooLarge: (bytes: number, limit: number): Refusal => ({
    condition: 'amqp:link:message-size-exceeded',
    description: `The received message (size:${bytes} bytes) exceeds the limit (${limit} bytes) currently allowed on the link.`,
    status: 400,
  }),
  messageLockLost: {
    condition: 'com.microsoft:message-lock-lost',
    description:
      'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
    status: 410,
  },
  sessionLockLost: {
    condition: 'com.microsoft:session-lock-lost',
    description: 'The session lock has expired on the MessageSession. Accept a new MessageSession.',
    status: 410,
  },
  sessionTaken: (session: string): Refusal => ({
    condition: 'com.microsoft:session-cannot-be-locked',
    description: `The requested session '${session}' cannot be accepted. It may be locked by another receiver.`,
    status: 410,
  }),
  noSession: {
    condition: 'com.microsoft:timeout',
    description: 'The operation did not complete in the time given: no session is available.',
    status: 408,
  },
  messageNotFound: {
    condition: 'com.microsoft:message-not-found',
    description: 'Failed to find all the messages with the given sequence numbers.',
    status: 404,
  },
} as const satisfies Record<string, Refusal | ((...given: never[]) => Refusal)>
