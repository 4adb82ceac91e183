import random

from locust import HttpUser, between, task
from locust.user.markov_taskset import MarkovTaskSet, transition, transitions


class Shopping(MarkovTaskSet):
    @transition("open_category")
    def home(self):
        self.client.get("/")

    @transitions({"open_product": 3, "home": 1})
    def open_category(self):
        self.client.get(f"/c/{random.choice(['hats', 'shoes'])}")

    @transitions([("home", 2), "add"])
    def open_product(self):
        self.client.get(f"/p/{random.randint(1, 9)}")

    @transition("home")
    def add(self):
        self.client.post("/cart", json={"n": 1})


class Support(MarkovTaskSet):
    @transition("leave")
    def ask(self):
        self.client.post("/questions", json={"text": "?"})

    @transition("ask")
    def leave(self):
        self.interrupt()


class Shopper(HttpUser):
    tasks = [Shopping]
    wait_time = between(1, 2)


class Caller(HttpUser):
    tasks = {Support: 1}
    wait_time = between(1, 2)

    @task
    def call(self):
        self.client.get("/call")
