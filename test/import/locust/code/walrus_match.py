import random
import re
import threading
from contextlib import contextmanager
from queue import Queue

from locust import HttpUser, between, task

queue = Queue()
for n in range(3):
    queue.put({"id": n, "name": f"user-{n:03}"})
lock = threading.Lock()

MENU = (
    ("/", 50),
    ("/news", 30),
    ("/contact", 20),
)
PAGES, WEIGHTS = zip(*MENU)


@contextmanager
def timed(name):
    yield


class Visitor(HttpUser):
    wait_time = between(1, 5)
    host = "http://localhost"
    default_headers = {"User-Agent": "load/1.0", "Accept-Language": random.choice(["en", "de"])}

    def on_start(self):
        self.me = queue.get()
        self.client.headers = self.default_headers
        if (resp := self.client.get("/me", params={"name": self.me["name"]})).status_code == 200:
            self.profile = resp.json()

    @task(3)
    def menu(self):
        path = random.choices(PAGES, weights=WEIGHTS, k=1)[0]
        with lock:
            self.client.get(path)

    @task
    def kind(self):
        kind = random.choice(["a", "b", "c"])
        match kind:
            case "a":
                self.client.get("/kind/a")
            case "b" | "c":
                self.client.get(f"/kind/{kind}")
            case _:
                pass

    @task
    def links(self):
        html = self.client.get("/catalogue").text
        links = re.findall(r'href="(/p/\d+)"', html)
        paths = links or ["/p/0"]
        self.client.get(random.choice(paths), name="/p/[id]")
        numbers = [int(m.group(1)) for m in re.finditer(r"/p/(\d+)", html)]
        print(f"{len(paths)} links, {sum(numbers)} in total, {max(numbers, default=0)} at most")

    @task
    def timed_page(self):
        with timed("page"):
            self.client.get("/timed")
        with self.client.get("/maybe", catch_response=True) as a, self.client.get("/other", catch_response=True) as b:
            if a.status_code != b.status_code:
                a.failure("differ")
