import { describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import { accessFlowSchema } from '../../shared/config/access-flow-schema.ts'
import { notYetOffered } from '../../shared/config/not-yet-offered.ts'
import { parse } from '../../shared/config/parse.ts'
import { anyOf, ben, contoso, engineers, mia } from '../access/flow-builders.ts'

const document = (over: object = {}) => ({
  name: 'oncall',
  requesters: anyOf({ type: 'user', values: [mia] }),
  targets: [{ integration: contoso.name, resourceType: 'group', permissions: ['member'] }],
  duration: { maximum: 'PT8H' },
  ...over,
})

/** What is wrong with a document, as a pointer and a sentence each. */
const problems = (over: object): readonly string[] => {
  const parsed = parse(accessFlowSchema, document(over))
  return parsed.ok ? [] : parsed.errors.map(({ pointer, detail }) => `${pointer} ${detail}`)
}

const asked = (condition: object) => ({ grantees: { operator: 'or', conditions: [condition] } })
const at = (path: string, detail: string) => [`/grantees/conditions/0/${path} ${detail}`]

describe('a condition of an access flow', () => {
  test.each([
    { type: 'user', values: [mia.toUpperCase()] },
    { type: 'user', match: 'is-not', values: ['requester'] },
    { type: 'manager', values: [ben, 'requester'] },
    { type: 'group', match: 'is', values: [engineers] },
    { type: 'attribute', attribute: 'department', match: 'contains', values: ['Eng'] },
    { type: 'attribute', attribute: 'extensionAttribute7', match: 'starts-with', values: ['A'] },
    { type: 'attribute', attribute: 'jobTitle', match: 'is-not', values: ['Intern'] },
  ])('may be %j', (condition) => {
    expect(problems(asked(condition))).toEqual([])
  })

  test.each([
    {
      condition: { type: 'attribute', values: ['x'] },
      errors: at('attribute', 'Name a user attribute.'),
    },
    {
      condition: { type: 'attribute', attribute: 'mobilePhone', values: ['x'] },
      errors: at('attribute', 'No condition can ask about "mobilePhone".'),
    },
    {
      condition: { type: 'attribute', attribute: 'id&$expand=manager', values: ['x'] },
      errors: at('attribute', 'No condition can ask about "id&$expand=manager".'),
    },
    {
      condition: { type: 'group', attribute: 'department', values: [engineers] },
      errors: at('attribute', 'A condition of the type group has no attribute.'),
    },
    {
      condition: { type: 'user', match: 'contains', values: [mia] },
      errors: at('match', 'A user is somebody or is not: compare with "is" or "is-not".'),
    },
    {
      condition: { type: 'group', match: 'starts-with', values: [engineers] },
      errors: at('match', 'A group is somebody or is not: compare with "is" or "is-not".'),
    },
    {
      condition: { type: 'manager', match: 'contains', values: [ben] },
      errors: at('match', 'A manager is somebody or is not: compare with "is" or "is-not".'),
    },
    {
      condition: { type: 'manager', values: [ben, 'Ben'] },
      errors: at('values/1', 'It is no object id.'),
    },
    {
      condition: { type: 'group', values: ['requester'] },
      errors: at('values/0', 'It is no object id.'),
    },
  ])('is refused at the field that is wrong: $condition', ({ condition, errors }) => {
    expect(problems(asked(condition))).toEqual(errors)
  })

  test('is kept with the name that the directory has for its attribute', () => {
    const parsed = parse(
      accessFlowSchema,
      document(asked({ type: 'attribute', attribute: 'DEPARTMENT', values: ['x'] })),
    )

    expect(parsed).toMatchObject({
      value: { grantees: { conditions: [{ attribute: 'department' }] } },
    })
  })

  test('compares only grantees with the requester', () => {
    const requesters = anyOf(
      { type: 'user', values: [mia] },
      anyOf({ type: 'manager', values: [ben, 'requester'] }),
    )

    expect(problems({ requesters })).toEqual([
      '/requesters/conditions/1/conditions/0/values/1 Only "grantees" can be compared with the requester.',
    ])
  })

  test('may compare an attribute of requesters with the word "requester"', () => {
    const requesters = anyOf({ type: 'attribute', attribute: 'jobTitle', values: ['requester'] })

    expect(problems({ requesters })).toEqual([])
  })

  test.each([
    { depth: 10, pointer: undefined },
    { depth: 11, pointer: '/requesters' },
    { depth: 1_000, pointer: expect.stringMatching(/^\/requesters\/conditions/) },
  ])('may be nested ten deep, and $depth deep is told at $pointer', ({ depth, pointer }) => {
    let requesters = anyOf({ type: 'user', values: [mia] })
    for (let level = 1; level < depth; level++) requesters = anyOf(requesters)

    const parsed = parse(accessFlowSchema, document({ requesters }))

    if (parsed.ok) expect(pointer).toBeUndefined()
    else expect(parsed.errors.map((error) => error.pointer)).toEqual([pointer])
  })
})

describe('the timeframe of an access flow', () => {
  const timeframe = (over: object) => ({
    timeframe: { days: ['mon'], from: '09:00', to: '17:00', timeZone: 'Europe/Berlin', ...over },
  })

  test.each([
    {},
    { days: ['sat', 'sun'], from: '22:00', to: '06:00' },
    { from: '00:00', to: '24:00', timeZone: 'UTC' },
    { to: '00:00', timeZone: 'America/Argentina/Buenos_Aires' },
  ])('may have %j', (over) => {
    expect(problems(timeframe(over))).toEqual([])
  })

  test.each([
    { over: { days: [] }, errors: ['/timeframe/days At least one day is needed.'] },
    { over: { days: ['mon', 'mon'] }, errors: ['/timeframe/days A day is named twice.'] },
    { over: { days: ['Mon'] }, errors: [expect.stringContaining('/timeframe/days/0 ')] },
    {
      over: { from: '24:00' },
      errors: ['/timeframe/from It is no time of the day, such as 09:00.'],
    },
    {
      over: { from: '9:00' },
      errors: ['/timeframe/from It is no time of the day, such as 09:00.'],
    },
    {
      over: { to: '17:60' },
      errors: ['/timeframe/to It is no time of the day, such as 17:30 or 24:00.'],
    },
    {
      over: { timeZone: 'Mars/Phobos' },
      errors: [
        '/timeframe/timeZone It is no time zone of the IANA database, such as Europe/Berlin.',
      ],
    },
    {
      over: { timeZone: '+01:00' },
      errors: [
        '/timeframe/timeZone It is no time zone of the IANA database, such as Europe/Berlin.',
      ],
    },
  ])('is refused with $over', ({ over, errors }) => {
    expect(problems(timeframe(over))).toEqual(errors)
  })
})

describe('patterns of an access flow', () => {
  test.each([
    { pattern: '(a+)+$', taken: true },
    { pattern: 'INC-[0-9]{4,}', taken: true },
    { pattern: '(?=a)b', taken: false },
    { pattern: '(a)\\1', taken: false },
    { pattern: '((a{1000}){1000}){1000}', taken: false },
    { pattern: '[', taken: false },
  ])('are taken where they cannot be slow: $pattern is $taken', ({ pattern, taken }) => {
    const errors = ['/ticket/pattern It is no pattern of the RE2 dialect.']

    expect(problems({ ticket: { pattern } })).toEqual(taken ? [] : errors)
  })
})

describe('what is offered of an access flow', () => {
  test('are timeframes and every type and match of conditions', () => {
    const flow = document({
      ...asked({ type: 'manager', values: ['requester'] }),
      requesters: anyOf(
        { type: 'attribute', attribute: 'department', match: 'contains', values: ['x'] },
        { type: 'attribute', attribute: 'department', match: 'starts-with', values: ['x'] },
      ),
      timeframe: { days: ['mon'], from: '09:00', to: '17:00', timeZone: 'UTC' },
    })

    expect(notYetOffered('access-flow', flow as AccessFlow)).toEqual([])
  })

  test('are also flows that name an integration nobody has set up yet', () => {
    const targets = [{ integration: 'Later', resourceType: 'group', permissions: ['member'] }]

    expect(problems({ targets })).toEqual([])
  })
})
