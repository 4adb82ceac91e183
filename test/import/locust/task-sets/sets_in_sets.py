from locust import HttpUser, SequentialTaskSet, TaskSet, task, between, tag
import random

class Checkout(SequentialTaskSet):
    @task
    def cart(self):
        self.client.get("/cart")
    @task(2)
    def pay(self):
        self.client.post("/pay", json={"total": self.user.total, "by": self.user.name})
    @task
    class Confirm(TaskSet):
        @task
        def ok(self):
            self.client.get("/ok")
            self.interrupt()

class Shop(TaskSet):
    tasks = {Checkout: 1}
    @task(3)
    def browse(self):
        self.user.total += 1
        self.client.get("/b/%s/%d" % (self.user.name, self.user.total))
    @tag('x')
    @task
    def leave(self):
        if random.random() > 0.5:
            self.interrupt()

class U(HttpUser):
    tasks = [Shop, Checkout]
    wait_time = lambda self: random.expovariate(0.5)
    total = 0
    def on_start(self):
        self.name = random.choice(("a", "b"))
