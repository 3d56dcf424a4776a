import { describe, expect, test } from 'vitest'
import { commandsFor } from '../../shared/access/connector-commands.ts'
import type { FeatureFinding } from '../../shared/access/connector-test.ts'

const principal = '5e9d4000-0000-4000-8000-000000000001'

const aFinding = (over: Partial<FeatureFinding> = {}): FeatureFinding => ({
  name: 'mail',
  state: 'missing',
  needs: [['Mail.Send']],
  missing: ['Mail.Send'],
  ...over,
})

describe('the commands for a permission that is missing', () => {
  const effect = 'Gives the connector Mail.Send, for mail.'
  const [az, powershell, ...more] = commandsFor(principal.toUpperCase(), [aFinding()])

  test('are one for each shell', () => {
    expect(more).toEqual([])
  })

  test('give the application role of Microsoft Graph to the principal with az', () => {
    expect(az).toEqual({
      shell: 'az',
      effect,
      text: `az rest --method POST --uri https://graph.microsoft.com/v1.0/servicePrincipals/${principal}/appRoleAssignments --body "{\\"principalId\\":\\"${principal}\\",\\"resourceId\\":\\"$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id -o tsv)\\",\\"appRoleId\\":\\"b633e1c5-b582-4048-a93e-9f11b44c7e96\\"}"`,
    })
  })

  test('give it with PowerShell', () => {
    expect(powershell).toEqual({
      shell: 'powershell',
      effect,
      text: `New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId ${principal} -PrincipalId ${principal} -ResourceId (Get-MgServicePrincipal -Filter "appId eq '00000003-0000-0000-c000-000000000000'").Id -AppRoleId b633e1c5-b582-4048-a93e-9f11b44c7e96`,
    })
  })

  test('tell every feature that lacks it', () => {
    const [command] = commandsFor(principal, [aFinding(), aFinding({ name: 'rotation' })])

    expect(command?.effect).toBe('Gives the connector Mail.Send, for mail, rotation.')
  })

  test.each<[what: string, finding: FeatureFinding]>([
    ['that is not known to be missing', aFinding({ state: 'unknown' })],
    ['whose id nobody knows', aFinding({ missing: ['Sites.FullControl.All'] })],
  ])('are none for one %s', (_, finding) => {
    expect(commandsFor(principal, [finding])).toEqual([])
  })

  test.each([`$(whoami)${principal}`, `${principal}; whoami`])('are none for %j', (id) => {
    expect(commandsFor(id, [aFinding()])).toEqual([])
  })
})
