import http, { RefinedResponse, ResponseType } from 'k6/http'
import { check, sleep } from 'k6'
import { Options } from 'k6/options'
import { Trend } from 'k6/metrics'
import { headersFor, type Session } from './lib/session.ts'

interface Item {
  id: number
  name: string
}

const searchTime: Trend = new Trend('search_time')

export const options: Options = {
  discardResponseBodies: false,
  scenarios: {
    search: {
      executor: 'constant-arrival-rate',
      rate: 30,
      timeUnit: '1m',
      duration: '5m',
      preAllocatedVUs: 10,
      maxVUs: 50,
      exec: 'search',
      tags: { team: 'web' },
    },
    order: {
      executor: 'ramping-arrival-rate',
      startRate: 1,
      timeUnit: '1s',
      preAllocatedVUs: 20,
      stages: [
        { target: 10, duration: '2m' },
        { target: 0, duration: '30s' },
      ],
      startTime: '1m',
      exec: 'order',
      env: { REGION: 'eu' },
    },
  },
  thresholds: { search_time: ['p(95)<250', 'max<2000'], http_req_waiting: ['p(95)<200'] },
}

const base: string = 'https://api.example.com/v2'

export function search(): void {
  const response: RefinedResponse<ResponseType> = http.get(http.url`${base}/items/${Math.ceil(Math.random() * 9)}?sort=name`)
  searchTime.add(response.timings.duration)
  const ok = check(response, { 'found': (r) => r.status === 200 })
  if (ok) {
    const item = response.json() as unknown as Item
    console.log(`found ${item.name}`)
  }
}

export function order(data: Session): void {
  const ids: number[] = [1, 2, 3]
  ids.forEach((id, index) => {
    const res = http.patch(`${base}/orders/${id}`, JSON.stringify({ index, region: __ENV.REGION }), {
      headers: headersFor(data, 'application/json'),
    })
    if (res.status !== 200 && res.status !== 201) {
      console.error(`order ${id}: ${res.status} ${res.body}`)
      return
    }
    sleep(0.2)
  })
}
