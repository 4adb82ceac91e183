from enum import Enum
from random import randint, sample, shuffle
from string import ascii_lowercase

from locust import HttpUser, SequentialTaskSet, between, tag, task


class Role(Enum):
    ADMIN = "admin"
    GUEST = "guest"


class Paths:
    LOGIN = "/login"
    ITEMS = "/items"


def slug(length=6):
    return "".join(sample(ascii_lowercase, length))


class Journey(SequentialTaskSet):
    item_ids: list = []

    def on_start(self):
        self.role = Role.GUEST
        self.slug = slug()
        self.visited = set()

    @task
    def login(self):
        page = self.client.get(Paths.LOGIN)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        self.client.post(Paths.LOGIN, {"csrf_token": token, "user": self.slug, "role": self.role.value})

    @task
    def items(self):
        response = self.client.get(Paths.ITEMS)
        self.item_ids = [item["id"] for item in response.json() if item["id"] not in self.visited]
        shuffle(self.item_ids)

    @tag("detail")
    @task(2)
    def item(self):
        if not self.item_ids:
            return
        item_id = self.item_ids[-1]
        self.visited.add(item_id)
        self.client.get(f"{Paths.ITEMS}/{item_id}?lang={'en' if self.role == Role.GUEST else 'de'}")

    @task
    def rate(self):
        stars, _ = divmod(randint(10, 50), 10)
        self.client.post(f"{Paths.ITEMS}/{self.item_ids[0] if self.item_ids else 1}/rating", json={"stars": stars})

    @task
    def logout(self):
        self.client.delete("/session")
        self.interrupt()


class Visitor(HttpUser):
    tasks = [Journey]
    wait_time = between(0.5, 1)
