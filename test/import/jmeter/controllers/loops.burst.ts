import { HttpUser, csv, hold, ramp, scenario, task } from 'burst'

const sizes = csv('sizes.csv', ['name', 'size']).unique({ recycle: true })
let lastTicket = 0

class Loopers extends HttpUser {
  one = ''
  second = ''
  status = ''
  ids: string[] = []
  tags: string[] = []
  order = 5
  ticket = 0
  step_ = 0
  tries = -1
  lastOk = true

  @task
  async loopers() {
    this.step_ = 0
    const batch = String(this.random.int(1, 5)).padStart(3, '0')
    this.order += 5
    this.ticket = ++lastTicket
    await this.sleep(this.random.int(1, 3) / 1000)
    const response = await this.http.get('/items').expect((found) => found.ok)
    this.ids = response.json().map((one: any) => one.id)
    this.one = this.random.pick<any>(response.json()).name
    this.tags = [...response.body.matchAll(/"tag":"(\w+)"/g)].map(([, one]) => one ?? '')
    this.second = [...response.body.matchAll(/"(\w+)":/g)].map(([, one]) => one ?? '')[1] ?? 'none'
    for (const [turn, id] of this.ids.entries()) {
      await this.sleep(this.random.int(1, 3) / 1000)
      await this.http.get('/items/:id', { params: { id } })
      if (turn === 0) {
        await this.sleep(this.random.int(1, 3) / 1000)
        await this.http.get('/first/:id', { params: { id } })
      }
    }
    for (const [turn, tag] of this.tags.slice(0, 3).entries()) {
      await this.sleep(this.random.int(1, 3) / 1000)
      await this.http.get('/tags/:tag', { params: { tag }, query: { n: turn, of: this.tags.length } })
    }
    for (const place of ['north', 'south']) {
      await this.sleep(this.random.int(1, 3) / 1000)
      await this.http.get('/sites/:place', { params: { place } })
    }
    // TODO loops.jmx:208: ForeachController 'From a script': replace 'TODO' in this list with the values of rows_1, rows_2 …
    for (const row of ['TODO']) {
      await this.sleep(this.random.int(1, 3) / 1000)
      await this.http.get('/rows/:row', { params: { row } })
    }
    for (let turn = 0; turn < 2; turn++) {
      this.step_++
      const row = sizes.next()
      await this.sleep(this.random.int(1, 3) / 1000)
      this.lastOk = (
        await this.http.get('/rounds/:step', { params: { step: this.step_ }, query: { name: row.name } })
      ).ok
    }
    for (let turn = 0; turn < this.ids.length; turn++) {
      for (let turn2 = 0; turn2 < 2; turn2++) {
        await this.sleep(this.random.int(1, 3) / 1000)
        this.lastOk = (await this.http.get('/inner/:turn/:turn2', { params: { turn, turn2 } })).ok
        if (turn2 >= 0) break
      }
    }
    while (this.status !== 'done' && this.tries < 4) {
      this.tries++
      await this.sleep(this.random.int(1, 3) / 1000)
      const body = await this.http.get('/status').json()
      this.status = body.status ?? 'pending'
      this.lastOk = true
    }
    while (this.lastOk) {
      await this.sleep(this.random.int(1, 3) / 1000)
      this.lastOk = (await this.http.get('/does_not_exist/w')).ok
    }
    this.lastOk = true
    while (this.lastOk) {
      await this.sleep(this.random.int(1, 3) / 1000)
      await this.http.get('/until/a')
      await this.sleep(this.random.int(1, 3) / 1000)
      this.lastOk = (await this.http.get('/does_not_exist/u')).ok
    }
    const end = Date.now() + 0
    while (Date.now() < end) {
      await this.sleep(this.random.int(1, 3) / 1000)
      await this.http.get('/runtime')
    }
    await this.step(`${batch} orders`, async () => {
      await this.sleep(this.random.int(1, 3) / 1000)
      await this.http.get('/orders/:order', {
        params: { order: this.order },
        query: { ticket: `T-${String(this.ticket).padStart(3, '0')}`, batch, one: this.one, second: this.second },
      })
    })
    if (this.second === 'none') return
    await this.sleep(this.random.int(1, 2) / 1000)
    this.stop()
  }
}

// TODO loops.jmx:37: ThreadGroup 'Loopers': pass --iterations 2 to burst run; the number applies to each user
// TODO loops.jmx:68: CounterConfig 'Counter ticket': each worker counts separately, so several workers use the same numbers
export default scenario({
  host: 'https://shop.example.com',
  users: [Loopers],
  load: [ramp(1, '1s'), hold('59s')],
})
