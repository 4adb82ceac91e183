"""Orders through a small client, with payloads from a factory."""
import os
import random
import threading
import uuid

from locust import FastHttpUser, HttpUser, between, task

STATUSES = ["NEW", "PAID", "SHIPPED"]


class OrderFactory:
    """Creates order payloads."""

    def __init__(self, currency="EUR", max_items=5):
        self.currency = currency
        self.max_items = max_items
        self.created = 0

    def build(self, customer_id):
        self.created += 1
        items = [self._item(i) for i in range(random.randint(1, self.max_items))]
        return {"customerId": customer_id, "currency": self.currency, "items": items, "no": f"LT-{self.created:05d}"}

    def _item(self, index):
        return {"sku": f"SKU-{index}", "qty": random.randint(1, 3)}

    @staticmethod
    def random_status():
        return random.choice(STATUSES)


class ApiClient(object):
    def __init__(self, client, token=None):
        self.client = client
        self.token = token
        self.headers = {"Content-Type": "application/json"}

    def login(self, username, password):
        response = self.client.post("/session", json={"username": username, "password": password})
        self.token = response.json()["token"]
        self.headers["Authorization"] = f"Bearer {self.token}"

    def create_order(self, payload):
        return self.client.post("/api/orders", json=payload, headers=self.headers, name="create order")

    def get_order(self, order_id):
        with self.client.get(f"/api/orders/{order_id}", headers=self.headers, catch_response=True) as response:
            if response.status_code == 404:
                response.failure("order is missing")
            else:
                response.success()


class Product:
    category = "general"

    def __init__(self, sku: str, price: float, tags=None):
        self.sku = sku
        self.price = price
        self.tags = tags or []

    @property
    def label(self) -> str:
        return f"{self.sku} ({self.category})"

    def to_dict(self):
        return {"sku": self.sku, "price": self.price, "tags": self.tags}

    @classmethod
    def cheapest(cls):
        return cls("S-1", 0.99)

    def __str__(self):
        return self.sku


class Book(Product):
    category = "books"

    def __init__(self, sku, price, pages):
        super().__init__(sku, price, tags=["book"])
        self.pages = pages

    def to_dict(self):
        data = super().to_dict()
        data["pages"] = self.pages
        return data


class UserPool:
    _lock = threading.Lock()
    _index = 0
    names = ["ann", "bob", "cy"]

    @classmethod
    def next_name(cls):
        with cls._lock:
            name = cls.names[cls._index % len(cls.names)]
            cls._index += 1
            return name


factory = OrderFactory(max_items=3)
CATALOG = [Product("A", 10.0), Book("B", 20.0, 300)]


class OrderUser(HttpUser):
    wait_time = between(1, 3)

    def on_start(self):
        self.api = ApiClient(self.client)
        self.api.login(UserPool.next_name(), os.environ.get("LOAD_PASSWORD", "secret"))
        self.order_ids = []

    @task(3)
    def create(self):
        response = self.api.create_order(factory.build(str(uuid.uuid4())))
        if response.ok:
            self.order_ids.append(response.json()["id"])

    @task
    def view(self):
        if self.order_ids:
            self.api.get_order(random.choice(self.order_ids))

    @task
    def by_status(self):
        self.client.get("/orders", params={"status": OrderFactory.random_status()})


class Buyer(FastHttpUser):
    wait_time = between(min_wait=1, max_wait=2)
    abstract = False

    @task
    def buy(self):
        product = random.choice(CATALOG)
        self.client.post(f"/buy/{product.sku}", json=product.to_dict(), headers={"X-Label": product.label})

    @task
    def sample(self):
        item = Product.cheapest()
        self.client.post("/samples", json=item.to_dict(), headers={"X-Name": str(item)})
        self.client.get("/flaky").raise_for_status()
