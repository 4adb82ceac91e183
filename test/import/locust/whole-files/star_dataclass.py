"""Checkout flow, with the data in dataclasses."""
from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass, field
from typing import Optional
from uuid import uuid4

from locust import *

BASE_PATH = os.getenv("BASE_PATH", "/api/v2")
MAX_ITEMS = int(os.getenv("MAX_ITEMS", "5"))


@dataclass
class Product:
    sku: str
    price: float
    qty: int = 1


@dataclass
class Basket:
    owner: str
    items: list[Product] = field(default_factory=list)
    coupon: Optional[str] = None


CATALOGUE = [
    Product("hat-1", 19.99),
    Product("coat-7", 129.0, 2),
    Product(sku="sock-3", price=4.5, qty=6),
]


def request_headers(token: str, trace: bool = True) -> dict:
    headers = {"Authorization": f"Bearer {token}", "X-Request-Id": str(uuid4())}
    if trace:
        headers["X-Trace"] = "1"
    return headers


def total(items) -> float:
    return round(sum(p.price * p.qty for p in items), 2)


class Checkout(HttpUser):
    host = "https://shop.example.com"
    wait_time = between(0.5, 2.5)
    token: str = ""

    def on_start(self):
        resp = self.client.post(f"{BASE_PATH}/token", json={"user": f"user{random.randint(1, 999):04d}", "pin": "1234"})
        self.token = resp.json()["token"]
        self.basket = Basket(owner=self.token)

    @task(4)
    def add(self):
        product = random.choice(CATALOGUE)
        self.basket.items.append(product)
        payload = json.dumps({"sku": product.sku, "qty": product.qty, "price": f"{product.price:.2f}"})
        self.client.post(
            f"{BASE_PATH}/basket/items",
            data=payload,
            headers={**request_headers(self.token), "Content-Type": "application/json"},
            name="add item",
        )

    @task
    def pay(self):
        if len(self.basket.items) == 0:
            return
        items = self.basket.items[:MAX_ITEMS]
        body = {"total": total(items), "skus": [p.sku for p in items], "coupon": self.basket.coupon or "none"}
        with self.client.post(f"{BASE_PATH}/orders", json=body, headers=request_headers(self.token, trace=False), catch_response=True) as r:
            if r.status_code == 201:
                r.success()
            elif r.status_code == 409:
                r.failure("basket changed")
            elif r.elapsed.total_seconds() > 2:
                r.failure(f"too slow: {r.elapsed.total_seconds():.1f}s")
            elif "status" not in r.json():
                r.failure("no status in answer")
            else:
                r.success()
        self.basket = Basket(owner=self.token)
