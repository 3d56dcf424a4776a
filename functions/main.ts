import { SettingsError } from '../shared/config/settings.ts'
import { buildBroker } from './build-broker.ts'
import { register } from './register.ts'

try {
  register(await buildBroker(process.env))
} catch (error) {
  if (error instanceof SettingsError) console.error(error.message)
  throw error
}
