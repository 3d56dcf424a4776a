interface Place {
  /** `http://localhost:7071/runtime/webhooks/durabletask`. */
  readonly baseUrl: string
  readonly taskHub: string
  readonly connectionName: string
  /** Absent on the address that asks for no key. */
  readonly key: string | undefined
}

/** Where an instance can be asked about and acted on. */
export function managementAddresses(id: string, place: Place) {
  const query = requiredQuery(place)
  const base = `${place.baseUrl}/instances/${id === 'INSTANCEID' ? id : encodeURIComponent(id)}`
  return {
    id,
    statusQueryGetUri: `${base}?${query}`,
    sendEventPostUri: `${base}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${base}/terminate?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${base}?${query}`,
    restartPostUri: `${base}/restart?${query}`,
    suspendPostUri: `${base}/suspend?reason={text}&${query}`,
    resumePostUri: `${base}/resume?reason={text}&${query}`,
  }
}

/** The `durableClient` input of a function, as JSON text. */
export function clientInput(place: Place, rpcBaseUrl: string): string {
  const code = place.key === undefined ? '' : `code=${place.key}`
  const create = `${place.baseUrl}/orchestrators/{functionName}[/{instanceId}]`
  const addresses = managementAddresses('INSTANCEID', place)
  const rewindPostUri = addresses.terminatePostUri.replace('/terminate?', '/rewind?')
  return JSON.stringify({
    taskHubName: place.taskHub,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
    },
    managementUrls: { ...addresses, rewindPostUri },
    baseUrl: place.baseUrl,
    requiredQueryStringParameters: code,
    rpcBaseUrl,
  })
}

function requiredQuery({ taskHub, connectionName, key }: Place): string {
  const code = key === undefined ? '' : `&code=${key}`
  return `taskHub=${taskHub}&connection=${connectionName}${code}`
}
