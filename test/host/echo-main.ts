import { runHost } from '../../local/host/run-host.ts'
import { echoEngine } from './start-sample.ts'

await runHost(process.argv.slice(2), echoEngine)
