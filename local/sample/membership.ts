import * as z from 'zod'
import type { ReadyFile } from '../stack/ready-file.ts'
import type { IsMember } from './watch-request.ts'

const membersSchema = z.object({ value: z.array(z.object({ id: z.string() })) })
const tokenSchema = z.object({ access_token: z.string() })

/** Asks the directory itself, past the product, who is a member of a group. */
export async function createMembershipCheck({ addresses, clientId }: ReadyFile): Promise<IsMember> {
  const response = await fetch(addresses.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: 'local',
      scope: 'https://graph.microsoft.com/.default',
    }),
  })
  const { access_token: token } = tokenSchema.parse(await response.json())
  return async (groupId, userId) => {
    const answer = await fetch(`${addresses.graph}/groups/${groupId}/members?$select=id&$top=999`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const { value } = membersSchema.parse(await answer.json())
    return value.some(({ id }) => id === userId)
  }
}
