import { HttpUser, between, scenario, task } from 'burst'

class Pet extends HttpUser {
  wait = between(1, 3)

  /** Update an existing pet. */
  @task
  async updatePet() {
    await this.http
      .put('/api/v3/pet', {
        json: {
          id: 10,
          name: 'doggie',
          category: { id: 1, name: 'Dogs' },
          photoUrls: ['photo urls'],
          tags: [{ id: 1, name: 'name' }],
          status: 'available',
        },
        headers: { authorization: `Bearer ${this.vars.petstoreAuth ?? ''}` },
      })
      .expect(200)
  }

  /** Finds Pets by status. */
  @task
  async findPetsByStatus() {
    await this.http
      .get('/api/v3/pet/findByStatus', {
        query: { status: this.random.pick(['available', 'pending', 'sold']) },
        headers: { authorization: `Bearer ${this.vars.petstoreAuth ?? ''}` },
      })
      .expect(200)
  }

  /** Find pet by ID. */
  @task
  async getPetById() {
    await this.http
      .get('/api/v3/pet/:petId', { params: { petId: 1 }, headers: { api_key: this.vars.apiKey ?? '' } })
      .expect(200)
  }

  @task
  async uploadFile() {
    // TODO petstore.json: POST /pet/{petId}/uploadImage: application/octet-stream: burst cannot generate data for this content type
    await this.http
      .post('/api/v3/pet/:petId/uploadImage', {
        params: { petId: 1 },
        body: 'TODO',
        headers: { 'content-type': 'application/octet-stream' },
      })
      .expect(200)
  }
}

class Store extends HttpUser {
  wait = between(1, 3)

  @task
  async getInventory() {
    await this.http.get('/api/v3/store/inventory', { headers: { api_key: this.vars.apiKey ?? '' } }).expect(200)
  }

  @task
  async placeOrder() {
    await this.http
      .post('/api/v3/store/order', {
        form: { id: 10, quantity: 7, shipDate: '2026-01-15T09:30:00Z', status: 'approved', complete: true },
      })
      .expect(200)
  }
}

// TODO petstore.json: the document does not name a host; set the host with -H https://…
// TODO petstore.json: security petstore_auth (oauth2): set the token with --var petstoreAuth=…
// TODO petstore.json: security api_key (apiKey): set the key with --var apiKey=…
export default scenario({
  users: [Pet, Store],
})
