from locust import HttpUser, SequentialTaskSet, TaskSet, LoadTestShape, constant, constant_throughput, task, tag
import math
import random
import re
import string


def random_email(length=8):
    return "".join(random.choice(string.ascii_lowercase) for _ in range(length)) + "@mail.example"


class Checkout(SequentialTaskSet):
    def on_start(self):
        self.cart_id = None
        self.items = []

    @task
    def open_shop(self):
        r = self.client.get("/form")
        found = re.search(r'name="csrf_token" value="(\w+)"', r.text)
        self.csrf = found.group(1) if found else ""

    @task
    def add_items(self):
        for sku in random.sample(self.user.skus, k=2):
            with self.client.post("/cart", json={"sku": sku, "qty": 1}, headers={"X-CSRF": self.csrf}, catch_response=True) as resp:
                if resp.status_code in (200, 201):
                    self.cart_id = resp.json()["id"]
                    self.items += [sku]
                else:
                    resp.failure("Unexpected status: " + str(resp.status_code))
        if not self.items:
            self.interrupt(reschedule=False)

    @task
    @tag("pay")
    def pay(self):
        card = dict(number="4111111111111111", cvc=f"{random.randint(0, 999):03d}", year=2030)
        total = round(sum(9.99 * n for n in range(len(self.items))), 2)
        self.client.put(f"/carts/{self.cart_id}/payment", json={**card, "total": total}, timeout=(3, 10))
        self.client.post(f"/carts/{self.cart_id}/confirm", data={"email": random_email()})

    @task
    def done(self):
        self.interrupt()


class Browse(TaskSet):
    @task(3)
    class Catalogue(TaskSet):
        @task
        def page(self):
            self.client.get("/catalogue", params=[("page", random.randint(1, 9)), ("sort", "name")])

        @task
        def leave(self):
            self.interrupt()

    @task(1)
    def home(self):
        self.client.get("/")
        self.interrupt()


class Shopper(HttpUser):
    host = "https://shop.example.com"
    tasks = {Checkout: 1, Browse: 4}
    wait_time = constant(1)
    skus = [f"SKU-{n:04d}" for n in range(1, 21)]


class Monitor(HttpUser):
    fixed_count = 1
    wait_time = constant_throughput(0.1)

    @task
    def health(self):
        assert self.client.get("/health").status_code == 200


class Waves(LoadTestShape):
    time_limit = 600
    base, peak = 10, 40

    def tick(self):
        now = self.get_run_time()
        if now > self.time_limit:
            return None
        users = self.base + (self.peak - self.base) * abs(math.sin(now / 60))
        return round(users), 5
