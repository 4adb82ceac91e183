import { HttpUser, scenario, task } from 'burst'

class TenantUser extends HttpUser {
  wait = () => 3

  @task
  async load() {
    const tenant = this.vars.tenant ?? 'acme'
    const size = Number(this.vars.batch_size ?? 25)
    await this.http.get('/t/:tenant/items', { params: { tenant }, query: { limit: size } })
  }

  @task
  async export() {
    await this.http.get('/r/:region', { params: { region: this.vars.region ?? 'eu' } })
    await this.http.get('/t/:tenant/export.csv', { params: { tenant: this.vars.tenant ?? 'acme' }, name: 'export' })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  users: [TenantUser],
})
