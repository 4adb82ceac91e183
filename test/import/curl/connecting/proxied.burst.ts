import { HttpUser, between, scenario, task } from 'burst'

class Visitor extends HttpUser {
  wait = between(1, 3)

  @task
  async home() {
    await this.http.get('/')
  }

  @task
  async getItems() {
    // TODO proxied.sh:3: --socks5 localhost:1080: burst supports only HTTP/1.1 proxies without TLS
    await this.http.get('/items')
  }
}

// TODO proxied.sh: only some of the requests set except, localAddress, addressFamily; the scenario sets them for all requests
export default scenario({
  host: 'https://shop.example.com',
  users: [Visitor],
  proxy: { url: 'http://proxy.example.com:3128', except: ['.internal.example.com', '10.0.0.1'] },
  localAddress: '10.0.0.9',
  addressFamily: 'ipv6',
})
