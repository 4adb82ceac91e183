import time
import random
from locust import HttpUser, task, between
from locust.exception import StopUser, RescheduleTask

SKIPPED = ("/admin", "/logout")


class Resilient(HttpUser):
    wait_time = between(0.2, 0.8)
    attempts = 0

    def on_start(self):
        for attempt in range(1, 4):
            response = self.client.post("/session", json={"attempt": attempt})
            if response.status_code == 201:
                self.session = response.json()["id"]
                break
            time.sleep(attempt)
        else:
            raise StopUser()

    @task
    def poll(self):
        job = self.client.post("/jobs", json={"kind": "export"}).json()
        status = "queued"
        tries = 0
        while status != "done" and tries < 10:
            status = self.client.get(f"/jobs/{job['id']}", name="/jobs/[id]").json().get("status", "queued")
            tries += 1
            time.sleep(0.5)
        if status != "done":
            raise RescheduleTask()

    @task
    def careful(self):
        try:
            data = self.client.get("/feed").json()
            first = data["entries"][0]
            self.client.get(first["url"], name="/entry")
        except (KeyError, IndexError) as e:
            print("nothing in the feed:", e)
        finally:
            self.attempts += 1

    @task
    def ws(self):
        links = ["/static/a.png", "", "/b"]
        for link in filter(None, links):
            if link.startswith("/static") or link.endswith((".png", ".jpg")):
                continue
            if link.startswith(SKIPPED):
                break
        sizes = list(filter(None, [0, 1, 2]))
        self.client.get("/pages", params={"sizes": len(sizes)})
