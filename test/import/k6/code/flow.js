/* A form with a token, loops and branches. */
import { check, sleep, group } from 'k6'
import http from 'k6/http'
import { findBetween, randomString } from 'https://jslib.k6.io/k6-utils/1.2.0/index.js'

const users = JSON.parse(open('users.json'))
let attempts = 0

export let options = {
  scenarios: {
    each: { executor: 'per-vu-iterations', vus: 5, iterations: 2, maxDuration: '2m' },
  },
}

function pageUrl(page, size = 10) {
  return '/topics?page=' + page + '&size=' + size
}

export default function main () {
  const user = users[(__VU - 1) % users.length]
  let page = http.get('https://forum.example.com/form')
  const csrf = findBetween(page.body, 'name="csrf_token" value="', '"')

  let tries = 0
  let res
  do {
    res = http.post('https://forum.example.com/login', { csrf_token: csrf, user: user.name, nonce: randomString(8) })
    tries++
  } while (res.status !== 200 && tries < 3)

  for (let i = 0; i < 3; i++) {
    const list = http.get('https://forum.example.com' + pageUrl(i))
    if (list.status === 404) break
    const topics = list.json('items')
    switch (topics.length) {
      case 0:
        sleep(1)
        break
      default:
        attempts += 1
    }
  }

  try {
    const last = JSON.parse(http.get(`https://forum.example.com/topics/${attempts}`).body)
    check(last, { 'has a name': (topic) => topic.name !== undefined })
  } catch (e) {
    console.error('not JSON: ' + e.message)
  }

  const responses = http.batch({
    home: 'https://forum.example.com/',
    hot: { method: 'GET', url: 'https://forum.example.com/hot', params: { headers: { 'X-Kind': 'hot' } } },
  })
  check(responses.home, { 'home is HTML': (r) => r.headers['Content-Type'] !== undefined && r.headers['Content-Type'].includes('json') })
  check(responses['hot'], { 'hot: ok': (r) => r.status === 200 })

  group('last', () => {
    const results = http.batch(['a', 'b'].map((t) => ['GET', `https://forum.example.com/tags/${t}`]))
    const slow = results.filter((r) => r.timings.duration > 1000)
    if (slow.length > 0) console.warn(`${slow.length} slow`)
    if (results[1].json('count') === 0 || responses.hot.timings.duration > 500) console.warn('no tags')
    const unused = 'https://forum.example.com/unused'.replace('https', 'http')
    http.batch(['https://forum.example.com/ping', 'https://forum.example.com/pong'])
    const both = http.batch({ one: 'https://forum.example.com/one', two: 'https://forum.example.com/two' })
    if (both.one.status !== 200 || both.two.status !== 200) console.warn('not ready')
    const [first, last] = http.batch(['https://forum.example.com/topics/1', 'https://forum.example.com/topics/2'])
    if (first.json('id') === last.json('id') && responses['home'].headers['X-Kind'] === 'hot') console.log(results.length)
    const tags = results.map((item) => item.json('tag'))
    results.forEach((item, index) => console.log(index, item.headers['X-Kind'], tags.length))
    for (const one of results) if (!one.json('tag')) console.error(one.status)
  })
  sleep(__ITER % 2 === 0 ? 1 : 2)
}
