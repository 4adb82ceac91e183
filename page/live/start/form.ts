/** What the form holds: texts as they were typed, empty where the file decides. */
export interface Filled {
  file: string
  where: 'local' | 'aws'
  users: string
  spawnRate: string
  rate: string
  runTime: string
  host: string
  workers: string
  tags: string
  excludeTags: string
  vars: string
  name: string
  seed: string
  budget: string
  takeConcurrency: string
  fit: boolean
  weights: Record<string, string>
}

/** As the file says. */
export const emptyForm: Filled = {
  file: '',
  where: 'local',
  users: '',
  spawnRate: '',
  rate: '',
  runTime: '',
  host: '',
  workers: '',
  tags: '',
  excludeTags: '',
  vars: '',
  name: '',
  seed: '',
  budget: '',
  takeConcurrency: '',
  fit: false,
  weights: {},
}
