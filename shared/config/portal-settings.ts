const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The client that signs people in: the API's own application, as long as no other one is named. */
export function portalClientOf(
  text: (name: string) => string | undefined,
  problems: string[],
): string {
  const named = text('PORTAL_CLIENT_ID')
  if (named !== undefined && !idPattern.test(named)) problems.push('PORTAL_CLIENT_ID is no GUID')
  return named ?? (text('ENTRA_API_CLIENT_ID') ?? '').replace(/^api:\/\//i, '')
}
