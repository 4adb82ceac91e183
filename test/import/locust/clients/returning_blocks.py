import os
import random

from locust import HttpUser, between, task

PAYLOAD = os.urandom(64)


class Limits:
    SYMBOLS = ("BTC", "ETH")


def sign_up(user, name):
    with user.client.post("/sign-up", data={"name": name}, catch_response=True) as response:
        if response.status_code == 201:
            response.success()
            return True
        else:
            response.failure("not created")
            return False


class Shopper(HttpUser):
    wait_time = between(1, 2)

    def on_start(self):
        page = self.client.get("/login")
        csrf = page.cookies["csrftoken"]
        self.client.post("/login", data={"csrf": csrf, "lang": page.cookies.get("lang", "en")})
        self.created = sign_up(self, "ann")

    @task
    def pay(self, amount=None):
        if amount is None:
            amount = random.randint(1, 9)
        self.client.post("/pay", json={"amount": amount})

    @task
    def pay_twice(self):
        if self.created:
            self.pay(20)
        self.pay()

    @task
    def redirected(self):
        with self.client.get("/orders", catch_response=True) as response:
            found = False
            for old in response.history:
                found |= old.status_code == 302
            if not found:
                response.failure("no redirect")

    @task
    def stock(self):
        with self.client.get("/stock", catch_response=True) as response:
            if response.status_code == 404:
                response.success()
                return
            if response.json()["count"] < 0:
                response.failure("negative")
        for symbol in map(str.lower, Limits.SYMBOLS):
            self.client.get(f"/ticker/{symbol}")
        self.client.put("/raw", data=PAYLOAD)

    @task
    def unknown_page(self):
        r = self.client.get("/links")
        pq = PyQuery(r.content)
        for link in pq("a.item").items():
            self.client.get(link.attr("href"))
