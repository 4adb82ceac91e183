import { HttpUser, scenario, task } from 'burst'

const stepTime = 30
const stepLoad = 10
const timeLimit = 600

class Visitor extends HttpUser {
  @task
  async home() {
    await this.http.get('/')
  }
}

export default scenario({
  users: [Visitor],
  load: (second) => {
    if (second > timeLimit) return null
    const currentStep = Math.floor(second / stepTime) + 1
    return currentStep * stepLoad
  },
})
