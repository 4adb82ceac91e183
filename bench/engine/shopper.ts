/** Returns the scenario of the suite `engine`: a class with weighted tasks. Each task sends a request and expects a status. */
export function shopper(origin: string, path: string): string {
  const call =
    path === '/json' ? `await this.http.get('/json').expect(200).json()` : `await this.http.get('/').expect(200)`
  return `import { HttpUser, scenario, task } from 'burst'
class Shopper extends HttpUser {
  @task(3) async often() { ${call} }
  @task(1) async seldom() { ${call} }
}
export default scenario({ host: '${origin}', users: [Shopper] })`
}
