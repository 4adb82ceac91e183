import enum
import itertools
import random
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial

from locust import HttpUser, between, task


class Role(Enum):
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


class Step(enum.IntEnum):
    START = auto()
    PAY = auto()
    DONE = auto()


@dataclass
class Product:
    sku: str
    price: float = 9.99
    tags: list = field(default_factory=list)

    @property
    def label(self):
        return f"{self.sku}:{self.price:.2f}"

    def total(self, quantity: int = 1) -> float:
        return self.price * quantity


@dataclass(frozen=True)
class Account:
    username: str
    password: str
    role: Role = Role.VIEWER


PRODUCTS = [Product("A-1"), Product("B-2", 12.5, ["new"]), Product(sku="C-3", price=3)]
ACCOUNTS = itertools.cycle([Account("ann", "pw1", Role.ADMIN), Account("ben", "pw2")])
WEIGHTS = {"search": 5, "buy": 1}


class Shopper(HttpUser):
    wait_time = between(1, 2)

    def on_start(self):
        self.account = next(ACCOUNTS)
        self.step = Step.START
        self.client.post("/login", json={"user": self.account.username, "password": self.account.password, "role": self.account.role.value})
        self.get_item = partial(self.client.get, name="/items/[id]")

    @task(3)
    def browse(self):
        product = random.choice(PRODUCTS)
        action = random.choices(list(WEIGHTS.keys()), weights=list(WEIGHTS.values()), k=1)[0]
        match action:
            case "search":
                self.client.get("/search", params={"q": product.label})
            case "buy" if product.price > 5:
                self.client.post("/cart", json={"sku": product.sku, "total": product.total(2)})
            case "a" | "b":
                pass
            case _:
                self.get_item(f"/items/{product.sku}")

    @task
    def structure(self):
        body = self.client.get("/next").json()
        match body:
            case ["pair", first, *_] if first:
                self.client.get(f"/pairs/{first}")
            case {"kind": "item", "id": id}:
                self.client.get(f"/items/{id}", name="/items/[id]")
            case Role.ADMIN | None:
                self.client.get("/admin")
            case other:
                print(other)

    @task
    def advance(self):
        if self.step == Step.DONE:
            self.step = Step.START
        else:
            self.step = Step(self.step + 1)
        self.client.get(f"/steps/{self.step.value}/{Role.ADMIN.name.lower()}")
        for role in Role:
            self.client.get(f"/roles/{role.value}")

    @task
    def sample(self):
        picked = random.sample(PRODUCTS, k=2)
        if (count := len(picked)) > 1:
            pairs = [(p.sku, t) for p in PRODUCTS for t in p.tags if t != "old"]
            self.client.post("/bulk", json={"count": count, "skus": [p.sku for p in picked], "pairs": pairs})
        while (n := random.randint(1, 5)) < 4:
            self.client.get(f"/page/{n}")
