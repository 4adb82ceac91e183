/* Variables of the file: in k6 each VU has its own. */
import http from 'k6/http'
import { check, sleep } from 'k6'
import { SharedArray } from 'k6/data'
import { randomItem } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js'

const colours = new SharedArray('colours', () => JSON.parse(open('./colours.json')))

let token
let last = null
let visits = 0
const seen = []
const headers = { accept: 'application/json' }
let region = 'eu'
const base = 'http://shop.example'
let started

export const options = { vus: 3, duration: '10s' }

export function setup() {
  started = Date.now()
  return { started }
}

function login() {
  const res = http.post(`${base}/login`, JSON.stringify({ user: __VU }), { headers })
  token = res.json('token')
  headers.authorization = `Bearer ${token}`
}

function total(list) {
  let visits = 0
  for (const one of list) visits += one
  return visits
}

export default function () {
  visits++
  if (!token) login()
  const res = http.get(`${base}/items/${visits}`, { headers })
  check(res, { ok: (r) => r.status === 200 })
  seen.push(res.json('id'))
  if (seen.length > 10) seen.shift()
  last = res.json('next') || last
  http.get(`${base}/next/${last}?n=${total([1, 2])}&region=${region}`)
  http.get(`${base}/search?q=${randomItem(colours)}`)
  sleep(1)
}
