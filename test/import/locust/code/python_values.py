import os
import random
import re
import string
import threading
import time
import uuid
from copy import deepcopy
from urllib.parse import urlencode

from locust import HttpUser, between, task

BASE = os.getenv("BASE_PATH", default="/api/v1")
TEMPLATE = {"user": {"name": None}, "items": []}
LOCK = threading.Lock()


class Base:
    def search(self, term, page=1, **filters):
        qs = urlencode({"q": term, "page": page, **filters})
        return self.client.get(f"{BASE}/search?{qs}", name="/search")


class Reader(Base, HttpUser):
    wait_time = between(1, 2)

    def on_start(self):
        self.seen = set()
        self.history = []
        self.client.headers.update({"X-Trace": uuid.uuid4().hex})

    @task
    def read(self):
        response = self.client.get("/articles", params={"at": time.strftime("%Y-%m-%d")})
        ids = [a["id"] for a in response.json()["items"] if a["id"] not in self.seen]
        self.seen |= set(ids[:3])
        self.seen -= {0}
        self.history.append(len(ids))
        del self.history[0]
        with LOCK:
            self.history.extend(ids[::-1])
        a, b = 1, 2
        a, b = b, a
        lookup = dict(zip(["a", "b"], [a, b]))
        self.client.get("/t", params={"max": max(lookup, key=lookup.get), "every": str(self.history[::2])})

    @task
    def change(self):
        body = deepcopy(TEMPLATE)
        body["user"]["name"] = "".join(random.sample(string.ascii_letters, k=6))
        body["items"].extend([1, 2])
        body |= {"more": True}
        with self.client.post("/articles", json=body, catch_response=True) as r:
            if r.status_code == 201 and (location := r.headers.get("Location")):
                self.client.get(location, name="/articles/[new]")
        self.search("hat", color="red", page=2)
        response = self.client.delete("/articles/1")
        if response.elapsed.total_seconds() > 1:
            print("slow")
        response.raise_for_status()

    @task
    def judge(self):
        with self.client.get("/profile", catch_response=True) as response:
            if response.elapsed.total_seconds() > 60:
                response.failure("too slow")
            if response.cookies.get("sid") is None:
                response.failure("no cookie")
