import { describe, expect, it } from 'vitest'
import type { FeedDescription } from '../../../core/authoring/description.ts'
import { admin, classOf, described, journey, plan, refusal, shopper } from '../../fixtures/planning.ts'

describe('an option that cannot be used', () => {
  it.each([
    [{ users: 0 }, '-u is 0'],
    [{ users: -1 }, '-u is -1'],
    [{ users: 1.5 }, '-u is 1.5'],
    [{ users: 1e9 }, 'users is 1,000,000,000'],
    [{ workers: 0 }, '--workers is 0'],
    [{ usersPerWorker: 0 }, '--users-per-worker is 0'],
    [{ iterations: 0 }, '--iterations is 0'],
    [{ spawnRate: 0 }, '-r is 0'],
    [{ runTimeMs: 0 }, '-t is 0'],
    [{ stopTimeoutMs: -1 }, '--stop-timeout is -1'],
    [{ users: 10_000_000 }, '10,000,000 users would need 12,500 worker processes on this machine'],
  ])('the options %j are refused: %s', (options, message) => {
    expect(refusal(journey, options).message).toBe(message)
  })

  it('the message about a rate above the maximum has digits in groups of three', () => {
    expect(refusal(journey, { rate: 2e7 }).hint).toBe('give at most 10,000,000 arrivals per second')
  })
})

describe('--weight', () => {
  const shop = described({ ...journey, classes: [shopper, admin, classOf('Robot', 1, { count: 1 })] })

  it('--weight replaces the weights of the file, and a weight of 0 excludes a class, even if the class has a static count', () => {
    const { classes } = plan(shop, { weights: { Shopper: 1, Robot: 0 } })
    expect(classes.map(({ name, weight }) => [name, weight])).toEqual([
      ['Shopper', 1],
      ['Admin', 1],
    ])
  })

  it.each([
    [{ Shoper: 1 }, "--weight names a class 'Shoper', which the scenario does not have"],
    [{ toString: 1 }, "--weight names a class 'toString', which the scenario does not have"],
    [{ Robot: 2 }, '--weight names class Robot, but the class has a static count'],
    [{ Shopper: 0, Admin: 0, Robot: 0 }, 'no user class is left to run'],
  ])('the weights %j are refused: %s', (weights, message) => {
    expect(refusal(shop, { weights }).message).toBe(message)
  })
})

describe('the host', () => {
  it.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['https://Shop.Example.com/', 'https://shop.example.com'],
    ['https://shop.example.com/api/v1/', 'https://shop.example.com/api/v1'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('the host %s is planned as %s', (host, taken) => {
    expect(plan(journey, { host }).host).toBe(taken)
  })

  it.each([
    ['localhost:8080', "host 'localhost:8080' has no scheme", 'http://localhost:8080'],
    ['shop.example.com', "host 'shop.example.com' has no scheme", 'https://shop.example.com'],
    ['', 'there is no host', 'https://'],
    ['ftp://x.example', "host 'ftp://x.example' does not begin with http:// or https://", 'https://x.example'],
    ['http://x.example:0', "host 'http://x.example:0' has port 0, to which no connection is possible", ''],
    ['http://a b', "host 'http://a b' is not a URL", ''],
    ['http://x.example/?a=1', "host 'http://x.example/?a=1' has a query or fragment", 'write http://x.example/'],
  ])('the host %j is refused: %s', (host, message, hint) => {
    const error = refusal(journey, { host })
    expect(error.message).toBe(message)
    expect(error.hint).toContain(hint)
  })

  it('a scenario without a host is accepted when an option gives the host', () => {
    const description = { ...journey, host: null }
    expect(plan(description, { host: 'https://x.example' }).host).toBe('https://x.example')
    const locate = (text: string): string | undefined => (text === 'export default' ? 'shop.burst.ts:9' : undefined)
    const error = refusal(description, {}, {}, locate)
    expect(error).toMatchObject({ message: 'the scenario has no host', at: 'shop.burst.ts:9' })
    expect(error.hint).toBe("give a host with -H https://…, or add host: 'https://…' to scenario()")
  })

  it('the error for an invalid host does not show the password in the host', () => {
    for (const host of ['https://me:secret@x.example/?q', 'https://me:secret@', 'ftp://me:secret@x.example']) {
      const error = refusal(journey, { host })
      expect(`${error.message} ${error.hint}`).not.toContain('secret')
    }
  })

  it('the plan contains the host without the password of the host', () => {
    const made = plan(journey, { host: 'https://me:secret@x.example' })
    expect(made).toMatchObject({ host: 'https://x.example', hostUserinfo: 'me:secret' })
    expect(made.words.join()).not.toContain('secret')
  })
})

describe('classes, tags and feeds', () => {
  const tagged = described({
    classes: [
      classOf('Shopper', 9, {
        tasks: [
          { name: 'browse', weight: 1, tags: [] },
          { name: 'pay', weight: 1, tags: ['checkout', 'slow'] },
        ],
      }),
      admin,
    ],
  })

  it('--tags keeps the tasks that have at least one of the tags, and the classes that still have a task', () => {
    expect(
      plan(tagged, { tags: ['checkout'] }).classes.map((one) => [one.name, one.tasks.map((task) => task.name)]),
    ).toEqual([['Shopper', ['pay']]])
  })

  it('--exclude-tags takes precedence over --tags', () => {
    const error = refusal(tagged, { tags: ['checkout'], excludeTags: ['slow'] })
    expect(error.hint).toBe('the tags of this scenario are checkout, slow')
  })

  it('if all classes have fixed counts, more users than the sum of these counts are refused', () => {
    const fixed = { ...journey, classes: [classOf('Only', 1, { count: 3 })] }
    expect(refusal(fixed).message).toBe('the fixed counts of all classes add up to 3, but the number of users is 200')
    expect(plan(fixed, { users: 3 }).users).toBe(3)
  })

  it('fixed counts are refused if they exceed the number of users or if the load consists of arrivals', () => {
    const one = { ...journey, classes: [shopper, classOf('Admin', 1, { count: 3 })] }
    const locate = (...[text, after]: [string, string?]): string => `shop.burst.ts: ${text} after ${after}`
    expect(refusal(one, { users: 2 }, {}, locate)).toMatchObject({
      message: 'static count of class Admin is 3, but the load is 2 users',
      at: 'shop.burst.ts: static count after class Admin',
    })
    expect(plan(one, { users: 3 }).users).toBe(3)
    const two = { ...journey, classes: [classOf('A', 1, { count: 3 }), classOf('B', 1, { count: 1 })] }
    expect(refusal(two, { users: 1 }).message).toBe(
      'the static counts of class A and class B add up to 4, but the load is 1 user',
    )
    expect(refusal({ ...one, load: { kind: 'none' } }, { rate: 5, runTimeMs: 1000 }).message).toBe(
      'class Admin has a static count, but burst draws the class of each arrival by weight',
    )
  })

  it('messages about fixed counts and rows have digits in groups of three', () => {
    const big = classOf('Big', 1, { count: 3000 })
    expect(refusal({ ...journey, classes: [big] }, { users: 4000 }).message).toBe(
      'the fixed counts of all classes add up to 3,000, but the number of users is 4,000',
    )
    expect(refusal({ ...journey, classes: [shopper, big] }, { users: 2000 }).message).toBe(
      'static count of class Big is 3,000, but the load is 2,000 users',
    )
    const feeds = [{ ...feed, rows: 1200 }]
    expect(refusal({ ...journey, feeds }, { users: 2000 }).message).toBe(
      'a.csv has 1,200 rows, but 2,000 users each need a row',
    )
  })

  it('the summary of a plan names the classes that have no wait, except in a plan with arrivals', () => {
    const hasty = {
      ...journey,
      classes: [classOf('A', 1, { unpaced: true }), classOf('B', 1, { unpaced: true }), shopper],
    }
    const line = 'A, B have no wait: they run as fast as the service answers'
    expect(plan(hasty).words).toContain(line)
    expect(plan({ ...hasty, load: { kind: 'none' } }, { rate: 5, runTimeMs: 1000 }).words).not.toContain(line)
    expect(plan({ ...journey, classes: [classOf('A', 1, { unpaced: true })] }).words).toContain(
      'A has no wait: it runs as fast as the service answers',
    )
  })

  const feed: FeedDescription = { path: 'a.csv', rows: 20, mode: 'unique', recycle: false, users: [] }

  it('a scenario is refused if a unique() feed has too few rows for the planned users', () => {
    expect(refusal({ ...journey, feeds: [feed] }).message).toBe('a.csv has 20 rows, but 200 users each need a row')
    expect(plan({ ...journey, feeds: [feed] }, { users: 20 }).users).toBe(20)
    expect(plan({ ...journey, feeds: [{ ...feed, recycle: true }] }).users).toBe(200)
  })

  it('if a unique() feed names classes, only the users of these classes need rows', () => {
    const named = { ...journey, classes: [shopper, admin], feeds: [{ ...feed, users: ['Admin'] }] }
    expect(plan(named).users).toBe(200)
    expect(refusal(named, { users: 300 }).message).toMatch(/20 rows, but 30 users each need a row/)
    expect(refusal({ ...named, feeds: [{ ...feed, users: ['Admim'] }] }).message).toMatch(/class 'Admim'/)
  })

  it('with arrivals, the list of classes of a unique() feed has no effect, but an unknown class in the list is refused', () => {
    const options = { rate: 50, runTimeMs: 60_000 }
    const naming = (users: string[]) => described({ feeds: [{ ...feed, users }] })
    expect(plan(naming(['Shopper']), options).model).toBe('arrivals')
    expect(refusal(naming(['Shoper']), options).message).toMatch(/class 'Shoper'/)
  })

  it('a unique() feed with few rows is accepted if several classes share it, because burst cannot know which classes draw from it', () => {
    expect(plan({ ...journey, classes: [shopper, admin], feeds: [feed] }).users).toBe(200)
  })
})
