/** A bug that another broker had, or a promise that none keeps, and what becomes of it here. */
export interface PeerBug {
  readonly peer: string
  readonly bug: string
  /** The implants that stand for it, by name: the simulation has to find each. */
  readonly implants?: readonly string[]
  /** Where it cannot be told as a story, why, and what looks after it instead. */
  readonly elsewhere?: string
}

/** Numbered as in the list of failures that peers have published. */
export const peerBugs: readonly PeerBug[] = [
  {
    peer: 'TEAM #104, #279',
    bug: 'of two grants that overlap, or touch, the first end removes both',
    implants: [
      'one reason is remembered for a pair',
      'a window that begins where another ends is not seen',
    ],
  },
  {
    peer: 'TEAM #513, #515',
    bug: 'a new grant races the end of an old one, and the conflict is not retried',
    implants: [
      'attempts are not fenced',
      'a call goes on beyond its deadline',
      'ETags are ignored',
    ],
  },
  {
    peer: 'TEAM #256, #327, #349, #407',
    bug: 'throttling is not retried, and access stays for ever',
    implants: ['an end that is throttled is tried once'],
  },
  {
    peer: 'TEAM #149',
    bug: 'a deployment changes the input of executions that are running',
    elsewhere: 'no story runs two versions; kept histories are replayed (test/replay)',
  },
  {
    peer: 'TEAM #255',
    bug: 'an end by hand fails, and access stays',
    implants: ['an end by hand is told and never made', 'an end without an answer counts as done'],
  },
  {
    peer: 'TEAM #522, #419',
    bug: 'a grant that failed is told as done; one that was made is told as failed',
    implants: [
      'an addition without an answer counts as done',
      'an addition without an answer counts as not done',
    ],
  },
  {
    peer: 'TEAM #195, Teleport #62578, AKS #4232',
    bug: 'sessions outlive the access',
    elsewhere: 'tokens are out of the reach of the directory; the documentation says how long',
  },
  {
    peer: 'TEAM #605, #606, #546, #589',
    bug: 'anybody may approve, and name himself as he likes',
    implants: ['who decides is not looked up when he decides', 'whoever asks may decide about it'],
  },
  {
    peer: 'SSO Elevator #47',
    bug: 'two approvers at once lead to two grants',
    implants: ['ETags are ignored', 'idempotency keys are not claimed'],
  },
  {
    peer: 'Glide PR 57',
    bug: 'an end by hand never runs, and is told twice',
    implants: ['an end by hand is told and never made', 'an event is left out of its transaction'],
  },
  {
    peer: 'Teleport #65831, #32226, #10650',
    bug: 'what was granted for a time becomes standing; two ends disagree',
    implants: [
      'what we added is taken for standing access',
      'the clock of ends runs ahead',
      'an extension does not move the end of the schedule',
    ],
  },
  {
    peer: 'Vault #8602',
    bug: 'after an outage of twenty minutes an end is abandoned',
    implants: ['an end is given up after some minutes'],
  },
  {
    peer: 'Durable Functions #1127, #833, #573, #1898',
    bug: 'timers and orchestrations get lost',
    implants: ['nothing is swept', 'due rows are never written'],
  },
  {
    peer: 'Lithnet Access Manager #166, #270',
    bug: 'sessions and side effects outlive the access',
    elsewhere: 'the broker has no other effect than the access itself',
  },
  {
    peer: 'access packages, SSO Elevator, CIPP',
    bug: 'standing access is taken over, and removed with the grant',
    implants: [
      'what exists counts as ours',
      'no snapshot of standing access is taken',
      'an unclear addition is repeated blindly',
    ],
  },
  {
    peer: 'all',
    bug: 'several reasons for one access are not counted together',
    implants: ['one reason is remembered for a pair'],
  },
  {
    peer: 'CIPP, TEAM',
    bug: 'an end is told as done that nobody has proven',
    implants: [
      'an end without an answer counts as done',
      'not there is believed at once, without another read',
      'what comes back with a restored person is not looked for',
    ],
  },
  {
    peer: 'all',
    bug: 'a change of state leaves no trace, or one that can be edited',
    implants: [
      'an event is left out of its transaction',
      'a transaction of our own is not recognised',
      'events are published once at most, and failures forgotten',
      'views are written once at most, and failures forgotten',
    ],
  },
  {
    peer: 'all',
    bug: 'nothing is found again once the state of an orchestration is lost',
    implants: ['nothing is swept', 'the due row is written after its transaction'],
  },
  {
    peer: 'JIT Groups #145, TEAM #187',
    bug: 'a start in the future is not judged again, nor whether approvers still are',
    implants: ['a start is not judged again', 'who decides is not looked up when he decides'],
  },
  {
    peer: 'Glide #669',
    bug: 'access is told to be active before it can be used',
    implants: ['an addition without an answer counts as done'],
  },
  {
    peer: 'TEAM #111, SSO Elevator #47',
    bug: 'a worker that dies between two steps loses an end or makes a grant twice',
    implants: [
      'no intent is recorded before a call',
      'the due row is written after its transaction',
      'idempotency keys are not claimed',
      'what was read of a pair a minute ago is not read again',
    ],
  },
  {
    peer: 'discord/access, EasyPIM',
    bug: 'what others change by hand is not seen, or fought over for ever',
    implants: [
      'what others take away is not looked for',
      'what others take away is added again for ever',
    ],
  },
  {
    peer: 'discord/access',
    bug: 'access by rule outlives the rule, covers too many, or never comes',
    implants: [
      'whoever leaves the team keeps what it gives',
      'a flow that covers hundreds needs no confirmation',
      'nobody looks who fits an automatic flow',
    ],
  },
  {
    peer: 'all',
    bug: 'a stop in an emergency is believed from memory',
    implants: ['the emergency stop is read once and remembered'],
  },
  {
    peer: 'TEAM #171, #433, all',
    bug: 'no trace of a decision, no law of combining, no plan, no guard of itself',
    elsewhere: 'these are rules without time: properties and tables in test/access',
  },
]
