import { HttpUser, hold, ramp, scenario, task } from 'burst'

let turn = 0
let runs = 0

/** Returns the items in random order. burst seeds Math.random inside a user. */
function inRandomOrder<T>(items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]!)
}

class Choosers extends HttpUser {
  picked = ''
  token = ''
  turn = 0
  turn2 = 0
  runs = 0
  didOnceInside = false
  lastOk = true

  @task
  async choosers() {
    switch (this.vars.mode ?? 'browse') {
      case '':
      case '0':
      case 'browse':
        await this.http.get('/by-name/browse')
        break
      case '1':
      case 'buy':
        await this.http.get('/by-name/buy')
        break
      case '2':
      default:
        await this.http.get('/by-name/other')
        await this.http.get('/by-name/other-2')
        break
    }
    switch (this.random.int(0, 3)) {
      case 1:
        await this.sleep(0.005)
        await this.http.get('/by-number/1')
        break
      case 2:
        await this.http.get('/by-number/2')
        break
      default:
        await this.http.get('/by-number/0')
        break
    }
    // TODO choices.jmx:137: SwitchController 'Always': the value is always 1, so the other steps are left out
    await this.http.get('/always/1')
    switch (this.random.int(0, 2)) {
      case 0:
        await this.http.get('/random/a')
        break
      case 1:
        this.picked = (await this.http.get('/random/b').json()).id
        break
      case 2:
        this.picked = (await this.http.get('/random/c').json()).id
        break
    }
    const parts = [
      async () => {
        await this.http.get('/order/a')
      },
      async () => {
        await this.step('Pair', async () => {
          await this.http.get('/order/b')
          await this.http.get('/order/c')
        })
      },
    ]
    for (const part of inRandomOrder(parts)) {
      await part()
    }
    switch (this.turn++ % 2) {
      case 0:
        await this.http.get('/turn/a')
        break
      case 1:
        await this.http.get('/turn/b')
        await this.http.get('/turn/c')
        break
    }
    switch (turn++ % 2) {
      case 0:
        await this.http.get('/single/a')
        break
      case 1:
        switch (this.turn2++ % 2) {
          case 0:
            await this.http.get('/single/b')
            break
          case 1:
            await this.http.get('/single/c')
            break
        }
        break
    }
    if (this.random.chance(0.25)) await this.http.get('/share/quarter')
    if (this.runs++ < 2) await this.http.get('/share/twice')
    // TODO choices.jmx:390: ThroughputController 'At most ten times in all': each worker runs these steps 10 times
    if (runs++ < 10) await this.http.get('/share/ten')
    await Promise.all([
      (async () => {
        this.lastOk = (await this.http.get('/parallel/a')).ok
      })(),
      (async () => {
        this.token = (await this.http.get('/parallel/b').json()).token
        this.lastOk = true
      })(),
    ])
    if (this.picked !== '' && Number(this.picked) % 2 === 1) {
      this.lastOk = (await this.http.get('/if/odd')).ok
      if (!this.didOnceInside) {
        this.didOnceInside = true
        this.lastOk = (await this.http.get('/if/first-odd')).ok
      }
    }
    if (this.lastOk) await this.http.get('/if/good')
    if (this.token !== '' && (this.vars.mode ?? 'browse') === 'browse') await this.http.get('/if/each/a')
    if (this.token !== '' && (this.vars.mode ?? 'browse') === 'browse') await this.http.get('/if/each/b')
    // TODO choices.jmx:525: IfController 'Never': the condition is never true: ${__jexl3(1 == 2,)}
  }
}

// TODO choices.jmx:27: ThreadGroup 'Choosers': pass --iterations 3 to burst run; the number applies to each user
export default scenario({
  host: 'https://shop.example.com',
  users: [Choosers],
  load: [ramp(1, '1s'), hold('59s')],
})
