/**
 * The fields of the form, as typed. For an empty field, the value in the scenario file applies. If the file cannot set this value, the default
 * applies.
 */
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

/** An empty form, so that all values of the scenario file apply. */
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
