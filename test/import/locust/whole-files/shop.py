"""Load test of the web shop."""
import random
import logging

from locust import HttpUser, task, between, tag

logger = logging.getLogger(__name__)

PRODUCT_IDS = [101, 102, 103, 250, 999]
SEARCH_TERMS = ["red shoes", "hat", "winter coat"]


class Shopper(HttpUser):
    """Someone who browses, and buys now and then."""

    host = "https://shop.example.com"
    weight = 9
    wait_time = between(1, 5)

    def on_start(self):
        # Everybody logs in first.
        response = self.client.post("/login", json={"email": "a@example.com", "password": "secret"})
        if response.status_code == 200:
            self.token = response.json()["token"]
            self.client.headers.update({"Authorization": f"Bearer {self.token}"})
        else:
            logger.error("login failed: %s", response.status_code)

    @task(10)
    def browse(self):
        self.client.get("/")

    @task(5)
    def search(self):
        term = random.choice(SEARCH_TERMS)
        self.client.get("/search", params={"q": term, "page": 1})

    @tag("checkout")
    @task(3)
    def add_to_cart(self):
        product_id = random.choice(PRODUCT_IDS)
        csrf = self.client.get(f"/product/{product_id}", name="/product/[id]").json()["csrf"]
        with self.client.post("/cart", json={"id": product_id, "csrf": csrf}, catch_response=True) as response:
            if response.status_code != 201:
                response.failure(f"not in the cart: {response.status_code}")
            else:
                response.success()

    @tag("checkout", "slow")
    @task
    def checkout(self):
        self.client.post("/checkout", data={"payment": "card", "accept": "yes"}, timeout=30)

    def on_stop(self):
        self.client.post("/logout")


class Admin(HttpUser):
    host = "https://shop.example.com"
    fixed_count = 1
    wait_time = between(30, 60)

    @task
    def report(self):
        self.client.get("/admin/report", auth=("admin", "admin123"))
