import random, json, os
from locust import HttpUser, task, between, events
from locust.clients import HttpSession
from typing import Dict

class Config:
    BASE = "/v1"
    TIMEOUT = 10
    HEADERS = {"X-App": "load"}

def make_payload(kind: str, n=3) -> Dict:
    data = {}
    data["kind"] = kind
    data["values"] = [random.random() for _ in range(n)]
    for i in range(n):
        data[f"k{i}"] = i
    return data

class Api(HttpUser):
    wait_time = between(1, 2)
    default_headers = {"A": "b"}

    def on_start(self):
        with self.client.post(Config.BASE + "/login", json={"u": "x"}, catch_response=True, name="login") as resp:
            if resp.status_code != 200:
                resp.failure("login failed: " + resp.text)
                return
            self.token = resp.json().get("token")
            self.user_id = resp.json()["user"]["id"]

    @task(2)
    def list_things(self):
        params = {"page": random.randint(1, 5), "size": 20}
        headers = {"Authorization": f"Bearer {self.token}"}
        headers.update(Config.HEADERS)
        r = self.client.get(f"{Config.BASE}/things", params=params, headers=headers, timeout=Config.TIMEOUT)
        if r.status_code == 200 and r.json():
            things = r.json()["things"]
            ids = [t["id"] for t in things if t.get("active", True)]
            if not ids:
                return
            pick = random.choice(ids)
            self.client.get(f"{Config.BASE}/things/{pick}/detail?full={str(True).lower()}", headers=headers, name="/things/detail")
        elif r.status_code == 429:
            retry = int(r.headers.get("Retry-After", 1))
            self._sleep(retry)
        else:
            print(f"bad: {r.status_code} {r.text[:100]}")

    @task
    def create(self):
        payload = make_payload("x", n=2)
        resp = self.client.post(f"{Config.BASE}/things", json=payload)
        created = resp.json() if resp.status_code == 201 else None
        if created is not None:
            self.client.delete(f"{Config.BASE}/things/{created['id']}")
