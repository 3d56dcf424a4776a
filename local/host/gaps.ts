import type { AppFunction } from './invocation.ts'
import type { Log } from './seams.ts'

const offered = [
  'httptrigger',
  'timertrigger',
  'servicebustrigger',
  'orchestrationtrigger',
  'activitytrigger',
]
const offeredBindings = ['http', 'durableclient', 'orchestrationclient']

/** Says at start what an app asks for that this host does not do, rather than at the first call. */
export function warnOfGaps(functions: Iterable<AppFunction>, log: Log): void {
  const warn = (message: string) => log('warning', 'Host.Startup', message)
  for (const { name, trigger, bindings, metadata } of functions) {
    if (!offered.includes(trigger.type.toLowerCase())) {
      warn(`${name} will not be called: this host offers no ${trigger.type}`)
    }
    if (metadata.retryOptions !== undefined) {
      warn(`${name} will not be retried: this host offers no retry policies`)
    }
    for (const binding of Object.values(bindings)) {
      if (binding === trigger || offeredBindings.includes(binding.type.toLowerCase())) continue
      const direction = binding.direction === 'out' ? 'output' : 'input'
      warn(`${name} does without ${binding.name}: this host offers no ${direction} ${binding.type}`)
    }
  }
}
