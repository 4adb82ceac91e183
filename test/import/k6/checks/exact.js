import http from 'k6/http'
import { check } from 'k6'

const HOST = 'https://api.example.com'
const T = 5000
const params = { timeout: T, headers: { 'X-Kind': 'exact' } }

export default function () {
  http.get(`${HOST}/constant`, params)
  http.get(`${HOST}/variable`, { timeout: __ENV.TIMEOUT || '10s' })
  const first = http.get(`${HOST}/first`)
  const both = [http.get(`${HOST}/second`).json('id'), first.json('id')]
  console.log(both.length)
  const responses = http.batch([`${HOST}/a`, `${HOST}/b`])
  check(responses[0], { 'a is there': () => responses[0].status === 200 })
  check(responses[1], { 'b is there': (r) => r.status === 200 })
  check(responses.length, { 'two responses': (count) => count === 2 })
}
