import { givenEndpoint } from '../emulators/endpoint.ts'
import { describeJourney } from './journey.ts'

describeJourney(givenEndpoint)
