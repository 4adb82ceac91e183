import { HttpUser, between, scenario, task } from 'burst'

class Browser extends HttpUser {
  wait = between('1s', '2s')

  async onStart() {
    const soup = await this.http.get('/login').html()
    const token = soup.querySelector('input[name="csrf_token"]')!.getAttribute('value')!
    await this.http.post('/login', { form: { csrf_token: token } })
  }

  @task
  async browse() {
    const page = await this.http.get('/catalogue').html()
    const form = page.querySelector('form[method="post"]:not([id])')
    const missing = page.querySelector('#missing')
    if (missing) console.log(missing!.textContent)
    if (form && form!.querySelector('[name="user"]'))
      console.log(form!.getAttribute('action') ?? '', form!.querySelector('input')!.getAttribute('value') ?? 'none')
    for (const link of page.querySelectorAll('a[href]')) {
      await this.http.get(link.getAttribute('href')!, { name: '/p/[id]' })
    }
    const first = page.querySelectorAll('a')[0]!
    console.log(first.textContent.trim(), page.querySelector('form input')!.getAttribute('name')!)
    console.log(page.querySelectorAll('a.buy').map((buy) => buy.getAttribute('href') ?? ''))
  }

  @task
  async checked() {
    const soup = await this.http.get('/form').expect(200).html()
    await this.http.post('/form', {
      form: { user: soup.querySelector('input[name="user"]')!.getAttribute('value') ?? '' },
    })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [Browser],
})
