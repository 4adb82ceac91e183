import functools
import logging
import time

from locust import FastHttpUser, between, tag, task


def timed(func):
    @functools.wraps(func)
    def wrapper(self, *args, **kwargs):
        start = time.time()
        try:
            return func(self, *args, **kwargs)
        finally:
            logging.info("%s took %.3f s", func.__name__, time.time() - start)

    return wrapper


class Api(FastHttpUser):
    wait_time = between(1, 2)
    base = "/api/v1"

    def call(self, method, path, **kwargs):
        kwargs.setdefault("headers", {})["X-Client"] = "load"
        kwargs.setdefault("params", {})
        return self.client.request(method, self.base + path, timeout=5, **kwargs)

    def read(self, path, **kwargs):
        return self.call("GET", path, **kwargs)

    @timed
    @task
    def articles(self):
        self.read("/articles", params={"page": 2}, name="/articles", allow_redirects=False)
        self.read("/plain")

    @tag("write")
    @task
    def write(self):
        self.call("POST", "/articles", json={"title": "hat"}, headers={"X-Trace": "1"})
        self.call("POST", "/forms", data={"title": "hat"})
