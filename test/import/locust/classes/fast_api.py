import os
import string
import random
from locust import task, constant_throughput, tag
from locust.contrib.fasthttp import FastHttpUser

BASE = os.environ.get("API_BASE", "/api/v2")
API_KEY = os.getenv("API_KEY")
PAGE_SIZE = int(os.environ.get("PAGE_SIZE", 50))


def random_name(length=8):
    return "".join(random.choice(string.ascii_lowercase) for _ in range(length))


class ApiUser(FastHttpUser):
    wait_time = constant_throughput(0.5)
    connection_timeout = 10.0
    network_timeout = 10.0

    def on_start(self):
        self.auth = {"Authorization": "ApiKey " + API_KEY}

    @task(5)
    @tag("read")
    def list_users(self):
        self.client.get(f"{BASE}/users?limit={PAGE_SIZE}&offset={random.randrange(0, 1000)}", headers=self.auth)

    @task(2)
    @tag("read")
    def get_user(self):
        user_id = random.randint(1, 10_000)
        self.client.get(f"{BASE}/users/{user_id}", headers=self.auth, name=f"{BASE}/users/:id")

    @task
    @tag("write")
    def create_user(self):
        name = random_name()
        with self.rest("POST", f"{BASE}/users", json={"name": name, "email": f"{name}@example.com"}, headers=self.auth) as resp:
            if resp.js is None:
                pass
            elif "id" not in resp.js:
                resp.failure("'id' missing from response")
