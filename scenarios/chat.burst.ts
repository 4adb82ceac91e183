/**
 * Users of a chat over WebSocket. Each user opens one connection and keeps the connection open until the user stops. The time from a message to its
 * reply has a separate request name in the report, so that thresholds can judge this time.
 *
 *     npx burst run chat.burst.ts --local -H https://staging.example.com
 */
import { HttpUser, type WebSocketConnection, between, hold, ramp, scenario, task } from 'burst'

export class Member extends HttpUser {
  wait = between('200ms', '600ms')
  chat!: WebSocketConnection
  said = 0

  async onStart() {
    this.chat = await this.ws('/chat')
  }

  @task
  async say() {
    const text = `hello ${++this.said} from ${this.index}`
    await this.chat.send(text)
    await this.chat.expect((message) => message.text().endsWith(text), { name: 'hello', timeout: '5s' })
  }

  async onStop() {
    await this.chat.close()
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Member],
  load: [ramp(20, '5s'), hold('25s')],
  thresholds: ['errors < 1%', 'WS hello: p95 < 500ms'],
})
