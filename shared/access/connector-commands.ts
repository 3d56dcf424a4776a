import { permissionIds } from './connector-needs.ts'
import type { FeatureFinding } from './connector-test.ts'

/** A command that somebody may run to give the connector what it lacks. */
export interface ConnectorCommand {
  readonly shell: 'az' | 'powershell'
  readonly text: string
  readonly effect: string
}

const graphAppId = '00000003-0000-0000-c000-000000000000'
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Commands for the narrowest permissions that are missing to what is used. They hold ids and nothing
 * else that comes from outside, so that no name can reach a shell.
 */
export function commandsFor(
  principalId: string | undefined,
  features: readonly FeatureFinding[],
): readonly ConnectorCommand[] {
  const principal = principalId?.toLowerCase() ?? ''
  if (!idPattern.test(principal)) return []
  const missing = new Map<string, readonly string[]>()
  for (const { name, state, missing: lacks } of features) {
    if (state !== 'missing') continue
    for (const each of lacks) missing.set(each, [...(missing.get(each) ?? []), name])
  }
  return [...missing].flatMap(([permission, forWhat]) => {
    const id = permissionIds[permission]
    if (id === undefined) return []
    const effect = `Gives the connector ${permission}, for ${forWhat.join(', ')}.`
    return [
      { shell: 'az' as const, text: azText(principal, id), effect },
      { shell: 'powershell' as const, text: powershellText(principal, id), effect },
    ]
  })
}

function azText(principalId: string, appRoleId: string): string {
  const graph = `$(az ad sp show --id ${graphAppId} --query id -o tsv)`
  const body = `{\\"principalId\\":\\"${principalId}\\",\\"resourceId\\":\\"${graph}\\",\\"appRoleId\\":\\"${appRoleId}\\"}`
  const address = `https://graph.microsoft.com/v1.0/servicePrincipals/${principalId}/appRoleAssignments`
  return `az rest --method POST --uri ${address} --body "${body}"`
}

function powershellText(principalId: string, appRoleId: string): string {
  const graph = `(Get-MgServicePrincipal -Filter "appId eq '${graphAppId}'").Id`
  return `New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId ${principalId} -PrincipalId ${principalId} -ResourceId ${graph} -AppRoleId ${appRoleId}`
}
