import { register } from '../../../functions/register.ts'
import { brokerOfTest } from './broker-of-test.ts'

register(brokerOfTest())
