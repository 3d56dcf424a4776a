/** A difference to the real host that is there on purpose; docs/embedded-host.md gives the reason. */
export interface Difference {
  readonly id: string
  /** Scenarios by name; absent: any. */
  readonly scenario?: RegExp
  /** The exchange by number and note, or `histories`. */
  readonly where?: RegExp
  /** The difference as it is reported. */
  readonly difference: RegExp
}

export const differences: readonly Difference[] = [
  { id: 'home-page', where: /home/, difference: /Your Azure Function App is up and running/ },
  { id: 'admin-answers', scenario: /^host-http/, difference: /^\/body\/(\d+\/)?\w+/ },
  {
    id: 'parallel-results',
    where: /showHistory/,
    difference: /^\/body\/historyEvents\/\d+\/(EventType|FunctionName|Result|Reason)/,
    scenario: /allFail|fan|all/i,
  },
  {
    id: 'history-after-non-determinism',
    where: /showHistory/,
    difference: /An item with the same key has already been added/,
  },
  { id: 'json-error-text', difference: /^\/body\/ExceptionMessage: .*(Path|JToken|pars)/ },
  { id: 'runs-at-once', where: /right after start/, difference: /recorded null, seen "/ },
  { id: 'known-functions-in-order', difference: /The following are the known or/ },
]

export function findDifference(
  scenario: string,
  where: string,
  difference: string,
): Difference | undefined {
  return differences.find(
    (one) =>
      (one.scenario?.test(scenario) ?? true) &&
      (one.where?.test(where) ?? true) &&
      one.difference.test(difference),
  )
}
