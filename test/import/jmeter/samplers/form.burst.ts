import { HttpUser, type Random, hold, ramp, scenario, task } from 'burst'

/** Returns a normally distributed random number with mean 0 and standard deviation 1. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

/** Returns a string of random characters. burst seeds Math.random inside a user. */
function randomText(length: number, characters = 'abcdefghijklmnopqrstuvwxyz'): string {
  return Array.from({ length }, () => characters[Math.floor(Math.random() * characters.length)]).join('')
}

class Topics extends HttpUser {
  csrf = ''

  @task
  async topics() {
    await this.sleep(Math.max(0, 0.5 + 0.1 * drawNormal(this.random)))
    this.csrf = await this.http.get('/form').match(/name="csrf_token" value="([^"]+)"/)
    await this.sleep(Math.max(0, 0.5 + 0.1 * drawNormal(this.random)))
    await this.http
      .post('/topics', { form: { csrf_token: this.csrf, title: `A topic ${randomText(5, 'abc')}`, at: Date.now() } })
      .expect({ under: '2000ms' })
    await this.sleep(Math.max(0, 0.5 + 0.1 * drawNormal(this.random)))
    await this.http.get('/old', { redirects: 0 })
  }
}

// TODO form.jmx:14: ThreadGroup 'Topics': pass --iterations 2 to burst run; the number applies to each user
export default scenario({
  host: 'http://forum.example.com:8080',
  users: [Topics],
  load: [ramp(5, '1s'), hold('10m')],
})
