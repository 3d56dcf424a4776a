import * as oauth from 'oauth4webapi'
import type { Account } from './accounts.ts'
import { type Authority, accountOf, authorityOf, refusalOf } from './authority.ts'
import { CliError } from './cli-error.ts'
import { shown } from './text.ts'
import type { World } from './world.ts'

/** What RFC 8628 says where the authority says nothing, and what is added when it says to slow down. */
const fiveSeconds = 5

/** Signs somebody in who has a browser elsewhere: a code is entered there, and asked about here. */
export async function signInByDeviceCode(world: World, address: string): Promise<Account> {
  const authority = await authorityOf(world, address)
  if (authority.server.device_authorization_endpoint === undefined) {
    throw new CliError('Cannot sign in: the authority does not offer codes for devices', {
      hint: 'Sign in with: entra-jit login --no-browser',
    })
  }
  try {
    const device = await askForCode(authority)
    world.err.write(
      `Sign in on this page, on any machine:\n\n  ${shown(device.verification_uri)}\n\nand enter the code ${shown(device.user_code)}\n\n`,
    )
    return accountOf(await poll(world, authority, device), world.now())
  } catch (error) {
    throw refusalOf(error)
  }
}

async function askForCode({ server, client, scope, options }: Authority) {
  const response = await oauth.deviceAuthorizationRequest(
    server,
    client,
    oauth.None(),
    { scope },
    options,
  )
  return oauth.processDeviceAuthorizationResponse(server, client, response)
}

async function poll(
  world: World,
  { server, client, options }: Authority,
  device: oauth.DeviceAuthorizationResponse,
): Promise<oauth.TokenEndpointResponse> {
  const giveUpAt = world.now().getTime() + device.expires_in * 1_000
  let seconds = device.interval ?? fiveSeconds
  for (;;) {
    await world.sleep(seconds * 1_000)
    try {
      const response = await oauth.deviceCodeGrantRequest(
        server,
        client,
        oauth.None(),
        device.device_code,
        options,
      )
      return await oauth.processDeviceCodeResponse(server, client, response)
    } catch (error) {
      const code = error instanceof oauth.ResponseBodyError ? error.error : undefined
      if (code === 'expired_token') throw nobodyCame()
      if (code === 'slow_down') seconds += fiveSeconds
      // The network may come back while the code is still good; meanwhile it is asked less often.
      else if (error instanceof TypeError) seconds *= 2
      else if (code !== 'authorization_pending') throw error
    }
    if (world.now().getTime() >= giveUpAt) throw nobodyCame()
  }
}

function nobodyCame(): CliError {
  return new CliError('Cannot sign in: nobody entered the code before it expired', {
    hint: 'Take a new one with: entra-jit login --device-code',
  })
}
