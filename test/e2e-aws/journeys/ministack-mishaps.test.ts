import { startMiniStack } from '../emulators/ministack.ts'
import { describeJourney } from './journey.ts'

describeJourney(startMiniStack, { part: 'mishaps' })
