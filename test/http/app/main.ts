import { register } from '../../../functions/register.ts'
import { createAuthenticate } from '../../../shared/identity/authenticate.ts'
import { authority, clientId } from '../../identity/fake-authority.ts'
import { brokerInMemory, tenantId } from '../../operations/broker-in-memory.ts'
import { shelf } from './shelf.ts'

const { order } = shelf
if (order === undefined) throw new Error('Cannot load the app: no test has ordered it')

const product = await brokerInMemory(order.flows, order.clock, order.rules)
register({
  ...product,
  authenticate: createAuthenticate({
    authority,
    tenantId,
    audience: clientId,
    now: product.now,
    fetch: order.fetch,
  }),
  connector: { name: 'default', kind: 'local' },
  signIn: {
    authority,
    tenantId,
    clientId,
    scope: `api://${clientId}/Access.Use openid profile offline_access`,
    endSession: `${authority}/${tenantId}/oauth2/v2.0/logout`,
  },
  checks: order.checks,
  portalFolder: order.portalFolder,
})
shelf.product = product
