/** A blob container of the host's storage. */
export type ArchiveSettings = { readonly container: string } & (
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly blobUri: string; readonly clientId?: string }
)

/** Where checkpoints of the audit are kept once more; undefined for nowhere. */
export function archiveOf(
  text: (name: string) => string | undefined,
  problems: string[],
): ArchiveSettings | undefined {
  const container = text('AUDIT_CONTAINER')
  if (container === undefined) return undefined
  if (!/^[a-z0-9](?:-?[a-z0-9]){2,62}$/.test(container)) {
    problems.push('AUDIT_CONTAINER is no name of a blob container')
  }
  const name = 'AzureWebJobsStorage'
  const account = text(`${name}__accountName`)
  const blobUri =
    text(`${name}__blobServiceUri`) ??
    (account === undefined ? undefined : `https://${account}.blob.core.windows.net`)
  if (blobUri !== undefined) {
    const clientId = text(`${name}__clientId`)
    const endpoint = blobUri.replace(/\/$/, '')
    return {
      kind: 'identity',
      container,
      blobUri: endpoint,
      ...(clientId === undefined ? {} : { clientId }),
    }
  }
  const connectionString = text(name) ?? ''
  if (!/AccountKey=/i.test(connectionString)) {
    problems.push(
      `AUDIT_CONTAINER needs ${name}__accountName, or ${name} as a connection string with its key`,
    )
  }
  return { kind: 'connection-string', container, connectionString }
}
