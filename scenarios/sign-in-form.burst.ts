/**
 * Every user signs in with the form of a page, as in a browser. The form also sends the hidden CSRF token of the page. Then the user opens the
 * account page with all files that the page loads.
 *
 *     npx burst run sign-in-form.burst.ts --local -H https://staging.example.com
 */
import { HttpUser, between, hold, ramp, scenario, task } from 'burst'

export class Customer extends HttpUser {
  wait = between('500ms', '2s')

  async onStart() {
    const page = await this.http.get('/sign-in').html()
    await page
      .form('#sign-in')
      .submit({ email: `user${this.index}@example.com`, password: 'secret' })
      .expect({ status: 200, body: 'Welcome' })
  }

  @task
  async account() {
    const page = await this.http.get('/account').html()
    if (!page.querySelector('h1')?.textContent.includes(`user${this.index}@`))
      throw new Error('this is the account of another user')
    await page.resources({ name: 'resources' })
  }
}

export default scenario({
  host: 'http://127.0.0.1:8080', // the service under load; -H replaces it
  users: [Customer],
  load: [ramp(20, '5s'), hold('25s')],
  thresholds: ['errors < 1%', 'p95 < 500ms'],
})
