import { describe, expect, test } from 'vitest'
import { evaluate, factsAsked, type Verdict } from '../../shared/access/evaluate.ts'
import {
  aFlow,
  anyOf,
  aPolicy,
  aQuestion,
  attribute,
  ben,
  contoso,
  engineers,
  friday,
  ines,
  judge,
  mia,
  officeHours,
  people,
  refusal,
} from './flow-builders.ts'

const lines = ({ trace }: Verdict) =>
  trace.map(({ flow, rule, verdict, detail }) => `${flow} ${rule} ${verdict}: ${detail}`)

describe('a trace', () => {
  test('tells of every rule of a flow what was compared', () => {
    const flow = aFlow({
      grantees: anyOf({ type: 'manager', values: ['requester'] }),
      timeframe: officeHours,
      justification: { required: true },
      ticket: { required: true, pattern: 'INC-[0-9]+' },
      extensions: { maximum: 2, duration: 'PT1H' },
    })

    const verdict = judge([flow], {
      requesterId: ben,
      justification: 'stands in',
      ticket: 'INC-4711',
      extends: true,
      extensionsBefore: 1,
    })

    expect(verdict.kind).toBe('allowed')
    expect(lines(verdict)).toEqual([
      'oncall active pass: The flow is active.',
      'oncall target pass: Covered by the integration "ContosoEntra".',
      'oncall requesters pass: The requester fits: everybody.',
      'oncall grantees pass: The grantee fits: manager is the requester.',
      'oncall intake pass: Requests by http are taken.',
      'oncall timeframe pass: It starts mon 13:00, and the flow takes mon, tue, wed, thu, fri 09:00–17:00 in Europe/Berlin.',
      'oncall extensions pass: Extended 1 of 2 times before.',
      'oncall duration pass: Within the maximum of PT1H.',
      'oncall justification pass: It is as the flow asks.',
      'oncall ticket pass: It matches the pattern INC-[0-9]+ of the flow.',
    ])
  })

  test('tells of every rule of a flow that it asks for nothing', () => {
    expect(lines(judge([aFlow()]))).toEqual([
      'oncall active pass: The flow is active.',
      'oncall target pass: Covered by the integration "ContosoEntra".',
      'oncall requesters pass: The requester fits: everybody.',
      'oncall grantees pass: The requester asks for himself.',
      'oncall intake pass: Requests by http are taken.',
      'oncall timeframe pass: The flow takes requests at any time.',
      'oncall extensions pass: It is no extension.',
      'oncall duration pass: Within the maximum of PT8H.',
      'oncall justification pass: Nothing is asked.',
      'oncall ticket pass: Nothing is asked.',
    ])
    expect(lines(judge([aFlow()], { extends: true }))).toContain(
      'oncall extensions pass: Extensions are not counted.',
    )
  })

  test('tells everything that has to be asked otherwise at once', () => {
    const flow = aFlow({
      intake: ['service-bus'],
      timeframe: officeHours,
      justification: { required: true },
      ticket: { pattern: 'INC-[0-9]+' },
    })

    const verdict = refusal([flow], {
      startsAt: friday,
      durationMilliseconds: 86_400_000,
      ticket: 'CHG-1',
    })

    expect(lines(verdict).filter((line) => line.includes(' fail:'))).toEqual([
      'oncall intake fail: The flow takes no requests by http.',
      'oncall timeframe fail: It starts fri 17:30, and the flow takes mon, tue, wed, thu, fri 09:00–17:00 in Europe/Berlin.',
      'oncall duration fail: It is longer than the maximum of PT8H.',
      'oncall justification fail: The flow asks for a justification.',
      'oncall ticket fail: The ticket does not match the pattern INC-[0-9]+ of the flow.',
    ])
  })

  test('looks no further at a flow once the people do not fit', () => {
    const verdict = refusal([aFlow({ requesters: anyOf(attribute('department', 'is', 'IT')) })])

    expect(lines(verdict).slice(2)).toEqual([
      'oncall requesters fail: The requester does not fit: department is "IT".',
      ...['grantees', 'intake', 'timeframe', 'extensions', 'duration', 'justification'].map(
        (rule) => `oncall ${rule} skipped: Not looked at.`,
      ),
      'oncall ticket skipped: Not looked at.',
    ])
  })

  test('leaves it at that for a flow that is off or about something else', () => {
    const flows = [
      aFlow({ name: 'off', active: false }),
      aFlow({
        name: 'elsewhere',
        targets: [
          {
            integration: 'ContosoEntra',
            resourceType: 'group',
            permissions: ['member'],
            include: [{ by: 'name', values: ['Sales *'] }],
          },
        ],
      }),
      aFlow({
        name: 'lost',
        targets: [{ integration: 'Gone', resourceType: 'group', permissions: ['member'] }],
      }),
    ]

    expect(lines(refusal(flows))).toEqual([
      'off active fail: The flow is switched off.',
      'elsewhere active pass: The flow is active.',
      'elsewhere target fail: No target covers the group "Production Readers" for "member".',
      'lost active pass: The flow is active.',
      'lost target fail: There is no integration "Gone".',
    ])
  })

  test('never tells what the directory says of a person', () => {
    const secret = people({ [mia]: { manager: ben, attributes: { department: 'Mergers' } } })
    const flow = aFlow({
      requesters: anyOf(attribute('department', 'is', 'Sales'), {
        type: 'manager',
        values: [ines],
      }),
    })

    const verdict = evaluate(aQuestion(), aPolicy(flow), secret)

    expect(JSON.stringify(verdict)).not.toMatch(new RegExp(`Mergers|${ben}`))
  })

  test('of a denial has only who, what and when', () => {
    const flow = aFlow({ effect: 'deny', timeframe: officeHours, intake: ['service-bus'] })

    const verdict = judge([flow])

    expect(verdict).toMatchObject({ kind: 'refused', code: 'denied-by-flow' })
    expect(verdict.trace.map(({ rule }) => rule)).toEqual([
      ...['active', 'target', 'requesters', 'grantees', 'timeframe'],
    ])
  })
})

describe('factsAsked()', () => {
  test('gathers what active flows ask of people, each thing once', () => {
    const flows = [
      aFlow({ requesters: anyOf({ type: 'group', values: [engineers, engineers.toUpperCase()] }) }),
      aFlow({
        requesters: anyOf(attribute('department', 'is', 'IT'), attribute('city', 'is', 'Bern')),
        grantees: anyOf(attribute('department', 'is', 'HR')),
      }),
    ]

    expect(factsAsked(flows)).toEqual({
      groups: [engineers],
      attributes: ['department', 'city'],
      managers: false,
    })
  })

  test('asks for managers when grantees are to be direct reports', () => {
    const flow = aFlow({ grantees: anyOf({ type: 'manager', values: ['requester'] }) })

    expect(factsAsked([flow]).managers).toBe(true)
    expect(factsAsked([{ ...flow, active: false }]).managers).toBe(false)
  })
})

describe('evaluate() with hostile documents', () => {
  test('is not slowed by a pattern that would make others backtrack', () => {
    const flow = aFlow({ justification: { required: true, pattern: '(a+)+(b+)+c' } })

    expect(refusal([flow], { justification: 'a'.repeat(2_000) })).toMatchObject({
      code: 'justification-missing',
    })
  })

  test('judges trees a thousand deep', () => {
    let tree = anyOf({ type: 'user', values: [mia] })
    for (let depth = 0; depth < 1_000; depth++) tree = anyOf(tree)

    expect(judge([aFlow({ requesters: tree })]).kind).toBe('allowed')
  })

  test('matches nobody by ids of another tenant', () => {
    const flow = aFlow({
      requesters: anyOf(
        { type: 'user', values: ['99999999-9999-4999-8999-999999999999'] },
        { type: 'group', values: ['99999999-9999-4999-8999-999999999998'] },
        { type: 'manager', values: ['99999999-9999-4999-8999-999999999997'] },
      ),
    })

    expect(refusal([flow]).code).toBe('not-eligible')
  })

  test('covers by a target of an integration that the caller names, in any case', () => {
    const policy = {
      integrations: [contoso, { ...contoso, name: 'Second' }],
      flows: [
        aFlow({
          targets: ['ContosoEntra', 'Second'].map((integration) => ({
            integration,
            resourceType: 'group' as const,
            permissions: ['member' as const],
          })),
        }),
      ],
    }

    const verdict = evaluate(aQuestion({ integration: 'SECOND' }), policy, people())

    expect(verdict).toMatchObject({ kind: 'allowed', integration: { name: 'Second' } })
  })
})
