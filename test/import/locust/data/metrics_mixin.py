import random, time, base64, hashlib, hmac, json, os
from contextlib import contextmanager
from collections import deque, defaultdict
from queue import Empty, Queue
from locust import HttpUser, task, between, events, tag

SECRET = os.environ.get("WEBHOOK_SECRET", "s3cret").encode()
orders = Queue()
recent = deque(maxlen=20)
counts = defaultdict(int)
with open("skus.txt") as f:
    SKUS = [line.strip() for line in f if line.strip()]


@contextmanager
def timed(name):
    start = time.perf_counter()
    yield
    events.request.fire(request_type="STEP", name=name, response_time=(time.perf_counter() - start) * 1000, response_length=0, exception=None, context={})


def sign(body):
    digest = hmac.new(SECRET, body.encode("utf-8"), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class SignedMixin:
    def signed_post(self, path, payload):
        body = json.dumps(payload, separators=(",", ":"), sort_keys=True)
        return self.client.post(path, data=body, headers={"Content-Type": "application/json", "X-Signature": sign(body)}, cookies={"session": self.session_id})


class Producer(SignedMixin, HttpUser):
    weight = 2
    wait_time = between(1, 2)

    def on_start(self):
        self.session_id = hashlib.md5(str(random.random()).encode()).hexdigest()

    @task
    def order(self):
        sku, *rest = random.sample(SKUS, 2)
        resp = self.signed_post("/orders", {"sku": sku, "alternatives": rest, "qty": random.choice([1, 2, 5])})
        if resp.status_code == 200 and (number := resp.json()[0]["id"]):
            orders.put(number)
            recent.append(number)
            counts["orders"] += 1


class Consumer(SignedMixin, HttpUser):
    wait_time = lambda self: random.expovariate(1)
    session_id = "consumer"

    @tag("slow", "consumer")
    @task
    def ship(self):
        try:
            number = orders.get(block=False)
        except Empty:
            number = recent[-1] if recent else None
        if number is None:
            return
        with timed("ship"):
            self.client.patch(f"/orders/{number}", json={"state": "shipped", "at": int(time.time())})
            self.signed_post(f"/orders/{number}/events", dict(kind="shipped", total=counts["orders"]))
