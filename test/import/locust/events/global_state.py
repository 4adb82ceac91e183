import itertools
import random
from locust import HttpUser, task, between, events

counter = 0
ids = itertools.count(1)
REGIONS = itertools.cycle(["eu", "us", "ap"])
CACHE = {}


def next_order():
    global counter
    counter += 1
    return f"order-{counter}"


def weighted_product(client, bonus=0):
    """Fetches a product, the cheap ones more often."""
    price = random.choices([10, 20, 50], weights=[5, 3, 1])[0] + bonus
    return client.get(f"/products?price={price}", name="/products")


class Orders(HttpUser):
    wait_time = between(1, 2)
    total = 0

    def on_start(self):
        self.user_id = next(ids)
        self.region = next(REGIONS)

    @task
    def order(self):
        order_id = next_order()
        response = weighted_product(self.client, bonus=5)
        if response.status_code == 200:
            CACHE[order_id] = response.json()
            Orders.total += 1
        self.client.put(f"/orders/{order_id}", json={"user": self.user_id, "region": self.region, "seen": len(CACHE)})
