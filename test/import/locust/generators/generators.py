import contextlib
import itertools
import random
import time

from locust import HttpUser, between, task

SKUS = ["A-1", "A-2", "B-1"]


def page_numbers(last):
    """All pages, from the first one."""
    page = 1
    while page <= last:
        yield page
        page += 1


def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start:start + size]


def order_ids():
    number = 1000
    while True:
        yield f"order-{number}"
        number += 1


@contextlib.contextmanager
def timed(name):
    start = time.monotonic()
    yield
    print(f"{name} took {time.monotonic() - start:.2f}s")


ORDERS = order_ids()


class Crawler:
    def __init__(self, client):
        self.client = client

    def pages(self, first):
        url = first
        while url:
            body = self.client.get(url, name="page").json()
            yield body
            url = body.get("next_page")


class CatalogueUser(HttpUser):
    wait_time = between(0.5, 2)
    host = "http://localhost:8000"

    def on_start(self):
        self.ids = itertools.cycle([1, 2, 3])
        self.steps = iter(SKUS)

    def products(self, category):
        """Yields each product of each page."""
        for page in page_numbers(2):
            body = self.client.get(f"/categories/{category}/products", params={"page": page}).json()
            if not body["items"]:
                return
            yield from body["items"]

    @task(3)
    def browse(self):
        for product in self.products(random.randint(1, 5)):
            self.client.get(f"/products/{product['id']}", name="/products/[id]")

    @task
    def bulk(self):
        for chunk in chunks(SKUS, 2):
            self.client.post("/bulk", json={"skus": chunk})
        ids = [p["id"] for p in self.products(1) if p["price"] < 10]
        everything = list(self.products(2))
        self.client.post("/all", json={"ids": ids, "count": len(everything), "pages": list(page_numbers(3))})

    @task
    def order(self):
        with timed("order"):
            self.client.put(f"/orders/{next(ORDERS)}", json={"sku": next(self.steps, "none")})
        self.client.get(f"/products/{next(self.ids)}")

    @task
    def first_match(self):
        cheap = next((p for p in self.client.get("/products").json()["items"] if p["price"] < 10), None)
        if cheap:
            self.client.post("/cart", json={"id": cheap["id"]})
        first = next(self.products(3))
        self.client.get(f"/first/{first['id']}")

    @task
    def crawl(self):
        def numbers(end):
            for number in range(end):
                yield number * 2

        for page in Crawler(self.client).pages("/crawl"):
            total = sum(numbers(3))
            print(page["id"], total)

    @task
    def never_runs(self):
        yield self.client.get("/never")
