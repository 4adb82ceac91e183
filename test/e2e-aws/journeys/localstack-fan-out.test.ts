import { startLocalStack } from '../emulators/localstack.ts'
import { describeJourney } from './journey.ts'

describeJourney(startLocalStack, { part: 'fan-out' })
