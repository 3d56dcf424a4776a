import { parseArgs } from 'node:util'
import { simulateYear } from './year.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    guests: { type: 'string', default: '300' },
    staff: { type: 'string', default: '200' },
  },
})
console.log(`seed ${values.seed}: ${values.guests} guests, ${values.staff} staff, 365 days`)
const report = await simulateYear(Number(values.seed), Number(values.guests), Number(values.staff))
const { planned, kept, done, stops, refused } = report
const reasons = Object.entries(refused)
  .sort()
  .map(([reason, count]) => `${reason} ${count}`)
console.log(
  `seed ${report.seed}: planned ${planned}, kept ${kept}, done ${done}, stopped ${stops}, refused: ${reasons.join(', ')}`,
)
