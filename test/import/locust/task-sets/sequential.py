from locust import HttpUser, SequentialTaskSet, task, constant
import json
import uuid

class BookingFlow(SequentialTaskSet):
    def on_start(self):
        self.session_id = str(uuid.uuid4())
        self.headers = {"X-Session": self.session_id, "Content-Type": "application/json"}

    @task
    def search(self):
        with self.client.get("/flights?from=BER&to=LIS&adults=1", headers=self.headers, catch_response=True) as resp:
            if resp.status_code == 200 and len(resp.json()["flights"]) > 0:
                self.flight_id = resp.json()["flights"][0]["id"]
                resp.success()
            else:
                resp.failure("no flights")
                self.interrupt()

    @task
    def select(self):
        self.client.get("/flights/{}".format(self.flight_id), headers=self.headers, name="/flights/[id]")

    @task
    def book(self):
        payload = {"flight": self.flight_id, "passengers": [{"name": "Ann", "age": 33}]}
        self.client.post("/bookings", data=json.dumps(payload), headers=self.headers)

    @task
    def done(self):
        self.interrupt()

class Traveller(HttpUser):
    wait_time = constant(2)
    tasks = [BookingFlow]
    host = "https://booking.example.com/"
