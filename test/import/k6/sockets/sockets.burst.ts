import { HttpUser, hold, ramp, scenario, task } from 'burst'

class Visitor extends HttpUser {
  @task
  async talk() {
    const ws = await this.ws('/live', { protocols: ['chat.v2'] })
    await ws.send(`hello from ${this.index + 1} of talk`)
    for await (const message of ws) {
      if (message.text() === 'done') {
        await ws.close(1000)
        continue
      }
      console.log('received', message.text())
      await ws.send('next')
    }
    console.log('closed')

    const other = await this.ws('/live')
    await other.send('hi')
    const listen = async () => {
      for await (const message of other) {
        const data = message.text()
        console.log(data)
        await other.close()
      }
    }
    const later = async () => {
      await this.sleep(0.05)
      if (!other.open) return
      await other.send('again')
    }
    await Promise.all([listen(), later()])
  }
}

export default scenario({
  host: 'http://chat.example.com',
  users: [Visitor],
  load: [ramp(2, '0s'), hold('30s')],
})
