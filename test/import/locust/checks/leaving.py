import random
import time

from locust import HttpUser, SequentialTaskSet, TaskSet, between, task
from locust.exception import RescheduleTask, StopUser


class Browsing(TaskSet):
    @task(3)
    def item(self):
        with self.client.get("/items", name="/items", catch_response=True) as response:
            if response.status_code == 404:
                response.success()
                self.interrupt()
            elif response.status_code != 200:
                response.failure(f"items: {response.status_code}")
                return
        self.client.get("/items/details")

    @task(1)
    def leave(self):
        self.interrupt()


class Shopper(HttpUser):
    wait_time = between(1, 2)
    tasks = {Browsing: 1}

    def on_start(self):
        self.tries = 0
        self.token = self.token_of("ann")

    def token_of(self, name):
        with self.client.post("/login", json={"name": name}, catch_response=True) as response:
            if response.status_code == 200:
                response.success()
                return response.json()["token"]
            self.tries += 1
            response.failure("no token")
            return None

    @task
    def early(self):
        with self.client.get("/coupon", catch_response=True) as response:
            if response.status_code == 404:
                response.success()
                return
            if response.status_code != 200:
                response.failure("no coupon")
                return
        self.client.post("/coupon/redeem")

    @task
    def accepted(self):
        with self.client.get("/draft", catch_response=True) as response:
            if response.status_code == 404:
                response.success()
                return
        self.client.delete("/draft")

    @task
    def retry(self):
        for attempt in range(3):
            with self.client.get("/stock", catch_response=True) as response:
                if response.status_code == 200:
                    response.success()
                    break
                elif response.status_code == 429:
                    response.success()
                    time.sleep(attempt)
                    continue
                else:
                    response.failure(f"attempt {attempt}: {response.status_code}")
            self.client.get("/never")

    @task
    def poll(self):
        while True:
            with self.client.get("/job", catch_response=True) as response:
                try:
                    state = response.json()["state"]
                except ValueError:
                    response.failure("not JSON")
                    return
                if state == "done":
                    response.success()
                    break
                if state == "failed":
                    print("the job failed")
                    response.failure("failed")
                    raise StopUser()
            time.sleep(1)
        self.client.get("/job/result")

    @task
    def prices(self):
        with self.client.get("/prices", catch_response=True) as response:
            for item in response.json()["items"]:
                if item["price"] < 0:
                    response.failure("a price is negative")
                    break
            if response.headers.get("x-empty"):
                raise RescheduleTask()
        self.client.get("/prices/details")

    @task
    def counted(self):
        with self.client.get("/limit", catch_response=True) as response:
            self.tries += 1
            if self.tries > 3:
                response.failure("too many")
            if response.status_code == 204:
                return
        self.client.get("/after/limit")

    @task
    def both(self):
        for product_id in (1, 2):
            self.client.get(f"/products/{product_id}", name="/products/[id]")
        first = random.randint(1, 9)
        self.client.get(f"/products/{first}", name="/products/[id]")
