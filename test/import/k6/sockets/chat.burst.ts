import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'

/** Records the given number of samples. */
function countUp(user: HttpUser, name: string, amount: number | boolean): void {
  for (let left = Number(amount); left >= 1; left--) user.record({ method: 'COUNTER', name, ms: 0 })
}

class Visitor extends HttpUser {
  wait = constant(1)

  @task
  async visit() {
    const started = Date.now()

    // TODO chat.js:43: burst itself counts lost connections and failed messages: socket.on('ping', () => console.log('PING!'));
    // TODO chat.js:45: burst itself counts lost connections and failed messages: socket.on('error', function (e) {
    // TODO chat.js:32: in burst, timers stop when the connection closes: socket.setTimeout(() => clearInterval(pings), 400);
    const socket = await this.ws('/rooms/:index', {
      params: { index: this.index + 1 },
      query: { lang: 'en' },
      headers: { 'X-Client': 'k6' },
      name: 'room',
    })
    await socket.send(JSON.stringify({ type: 'hello' }))
    const listen = async () => {
      for await (const received of socket) {
        const message = received.text()
        this.record({ method: 'COUNTER', name: 'messages_received', ms: 0 })
        this.record({ method: 'COUNTER', name: 'bytes_received', ms: 0, bytes: message.length })
        const data = message.startsWith('{') ? JSON.parse(message) : { points: 2 }
        countUp(this, 'points', data.points || 3)
        this.record({ method: 'TREND', name: 'wait_for_message', ms: Date.now() - started })
      }
    }
    const repeat = async () => {
      while (socket.open) {
        await this.sleep(0.1)
        if (!socket.open) return
        await socket.send('ping')
      }
    }
    await Promise.race([Promise.all([listen(), repeat()]), this.sleep(0.5)])
    console.log('0.5 seconds passed, closing the socket')
    await socket.close()
    console.log('disconnected')

    // TODO chat.js:55: if a connection cannot be opened, burst counts a failed request: check(res, { 'status is 101': (r) => r && r.status === 101 });
    await this.http.get('/rooms')
  }
}

export default scenario({
  host: 'https://chat.example.com',
  users: [Visitor],
  load: [ramp(1, '0s'), hold('10s')],
  thresholds: ['COUNTER messages_received: rps > 1', 'WS room: p95 < 500ms', 'WS room closed 1000: avg < 20s'],
})
