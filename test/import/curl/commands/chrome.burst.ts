import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  async onStart() {
    this.http.headers.set('accept', 'application/json, text/plain, */*')
    this.http.headers.set('accept-language', 'en-GB,en;q=0.9')
    this.http.headers.set('user-agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36')
  }

  @task
  async getApiProducts() {
    // TODO chrome.sh:1: header authorization: set the secret with --var token=…
    // TODO chrome.sh:1: header cookie: set the secret with --var cookie=…
    await this.http.get('/api/products', {
      query: { sort: 'price', tag: ['new', 'sale'] },
      headers: {
        authorization: `Bearer ${this.vars.token ?? ''}`,
        cookie: this.vars.cookie ?? '',
        referer: 'https://shop.example.com/products',
      },
    })
  }

  @task
  async postApiCart() {
    await this.http.post('/api/cart', { json: { product: 17, note: "it's a gift!", sizes: ['M', 'L'] } })
  }

  @task
  async getConfigJson() {
    await this.http.get('https://cdn.example.com/config.json')
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Visitor],
})
