import { HttpUser, between, scenario, task } from 'burst'

const minUsers = 20
const peakOneUsers = 60
const peakTwoUsers = 40
const timeLimit = 600

class Visitor extends HttpUser {
  wait = between('1s', '2s')

  @task
  async getRoot() {
    await this.http.get('/')
  }
}

export default scenario({
  users: [Visitor],
  load: (second) => {
    const runTime = Math.round(second)
    if (runTime < timeLimit) {
      const userCount =
        (peakOneUsers - minUsers) * Math.E ** -((runTime / (((timeLimit / 10) * 2) / 3) - 5) ** 2) +
        (peakTwoUsers - minUsers) * Math.E ** -((runTime / (((timeLimit / 10) * 2) / 3) - 10) ** 2) +
        minUsers
      return Math.round(userCount)
    }
    return null
  },
})
