import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ConnectorFeature,
  type ConnectorUse,
  connectorFeatures,
  needsOfFeature,
  permissionIds,
  reachOf,
  tierZero,
} from '../shared/access/connector-needs.ts'
import { connectorProfiles } from '../shared/access/connector-profiles.ts'
import { findFeatures, holdingsFrom } from '../shared/access/connector-test.ts'

/** `docs/permissions.md`, made of the tables that the self-test uses. */
export const permissionsFile = join(import.meta.dirname, '../docs/permissions.md')

const whatFor: Readonly<Record<ConnectorFeature, string>> = {
  discover: 'find groups, roles and people, and look people up for decisions',
  'group-members': 'give and take membership of groups',
  'group-owners': 'give and take ownership of groups',
  'directory-roles': 'give and take directory roles by direct assignment',
  'pim-roles': 'give and take directory roles by PIM schedules',
  'pim-groups': 'give and take membership of groups by PIM schedules',
  'cleanup-disable': 'disable accounts whose access has ended',
  'cleanup-delete': 'delete accounts whose access has ended',
  'sign-in-activity': 'read when somebody last signed in',
  rotation: "renew the connector's own secret or certificate",
  mail: 'send mail',
}

const everything: ConnectorUse = {
  kind: 'client-secret',
  resourceTypes: new Set(['group', 'directory-role']),
}

/** The whole page. */
export function permissionsPage(): string {
  return `${[
    '# What the connector needs in Entra',
    'This page is made of the tables that the self-test uses (`npm run permissions`); a test fails when it is out of step. What a connector holds, lacks and\ncould do without is told by `POST /api/integrations/{name}/test` and by `entra-jit test <integration>`; docs/http-api.md tells how to read it.',
    'Two ways lead to the same: **application permissions and narrow roles**, or the **broad** one of directory roles on the connector itself (Groups\nAdministrator, Privileged Role Administrator), which many organisations are used to. The self-test takes either, and calls `excess` what the other covers\nalready. Whoever can deploy or read the app can use whatever its identity holds.',
    '## Five typical set-ups',
    tableOf(
      ['set-up', 'for', 'holds'],
      connectorProfiles.map(({ name, summary, holds }) => [
        `\`${name}\``,
        summary,
        holds.map(told).join(', '),
      ]),
    ),
    'What each of them can do, and the narrowest permission that the others would take. `discover` is judged by what the set-up is for.',
    tableOf(
      ['', ...connectorProfiles.map(({ name }) => `\`${name}\``)],
      connectorFeatures.map((feature) => [
        `\`${feature}\``,
        ...connectorProfiles.map((profile) => verdictOf(profile, feature)),
      ]),
    ),
    '## What each feature needs',
    'One of each line; the narrowest stands first, and it is what the self-test proposes. **T0**: whoever holds it can make himself Global Administrator.\nAn identity without a credential (managed identity, workload identity) has nothing to rotate.',
    tableOf(
      ['feature', 'to', 'one of each of these'],
      connectorFeatures.map((feature) => [
        `\`${feature}\``,
        whatFor[feature],
        needsOfFeature(feature, everything)
          .map((ways) => ways.map(told).join(' / '))
          .join('<br>'),
      ]),
    ),
    '## How far each way reaches',
    tableOf(
      ['held', 'reaches'],
      Object.entries(reachOf).map(([name, reach]) => [told(name), reach]),
    ),
    'Groups that are dynamic, synchronised from elsewhere or mail-enabled cannot be managed by any of these.',
    '## Ids of the permissions',
    tableOf(
      ['permission on Microsoft Graph', 'id of the application role'],
      Object.entries(permissionIds).map(([name, id]) => [`\`${name}\``, `\`${id}\``]),
    ),
  ].join('\n\n')}\n`
}

function told(name: string): string {
  const shown = name.includes('.') ? `\`${name}\`` : name
  return tierZero.has(name) ? `${shown} **T0**` : shown
}

function verdictOf(
  { holds, resourceTypes }: (typeof connectorProfiles)[number],
  feature: ConnectorFeature,
): string {
  const use = { ...everything, resourceTypes: new Set(resourceTypes) }
  const found = findFeatures(holdingsFrom(holds), use).find(({ name }) => name === feature)
  if (found === undefined || found.state === 'ok') return 'yes'
  return `no: ${found.missing.map((name) => `\`${name}\``).join(', ')}`
}

/** Padded as the formatter of the repository pads. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

if (import.meta.main) await writeFile(permissionsFile, permissionsPage())
