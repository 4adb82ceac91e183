import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'

/** Records each check as a sample, because the checks do not belong to a request. Returns true if all checks hold. */
function checkAll<T>(user: HttpUser, value: T, checks: Readonly<Record<string, (value: T) => boolean>>): boolean {
  const results = Object.entries(checks).map(([name, holds]) => ({ name, isHeld: holds(value) }))
  for (const { name, isHeld } of results) {
    user.record({ method: 'CHECK', name, ms: 0, error: isHeld ? null : 'does not hold' })
  }
  return results.every(({ isHeld }) => isHeld)
}

class Visitor extends HttpUser {
  wait = constant(1)

  @task
  async visit() {
    const res = await this.http
      .get('/form')
      .check('status is below 400', (response) => response.ok)
      .html()
    const token = res.querySelector('input[name=csrf_token]')?.getAttribute('value') ?? ''
    await this.http.post('/login', { form: { csrf_token: token, user: 'ann' } })

    await this.step('form', async () => {
      const pagePage = await this.http
        .get('/login')
        .check('login page', (r) => r.status === 200)
        .html()
      await pagePage
        .form()
        .submit({ user: 'ann', password: 'secret' }, { name: 'sign in' })
        .check('signed in', (r) => r.status < 400)
    })

    const listRequest = this.http.get('/catalogue').check('status is below 400', (response) => response.ok)
    const listPage = await listRequest.html()
    const list = await listRequest
    checkAll(this, list, {
      'has a link': (r) => listPage.querySelector('a')?.getAttribute('href') !== undefined,
      'is named': (r) => (listPage.querySelector('a')?.textContent ?? '').includes('cart'),
    })
    console.log(`${listPage.querySelectorAll('a[href]').length} links on a page of ${list.body.length} characters`)
    for (const [index, link] of listPage.querySelectorAll('a[href]').entries()) {
      console.log(`${index}: ${link.getAttribute('href') ?? ''}`)
    }
    const texts = listPage.querySelectorAll('a').map((element) => element.textContent)
    if (listPage.querySelectorAll('form > input').at(-1)?.getAttribute('name') && texts.length > 0)
      await this.http.get(new URL(listPage.querySelector('a[href]')?.getAttribute('href') ?? '', listPage.url).href, {
        name: 'link a[href]',
      })
  }
}

export default scenario({
  host: 'https://forum.example.com',
  users: [Visitor],
  load: [ramp(2, '0s'), hold('20s')],
  thresholds: [
    'check:login page: errors < 10%',
    'check:signed in: errors < 10%',
    'CHECK has a link: errors < 10%',
    'CHECK is named: errors < 10%',
  ],
})
