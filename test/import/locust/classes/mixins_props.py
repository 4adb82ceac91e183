import base64
import hashlib
import random
from functools import partial
from typing import Any, Dict, List, ClassVar

from locust import HttpUser, between, run_single_user, task


class AuthMixin:
    realm: str = "shop"

    def sign_in(self) -> None:
        secret = base64.b64encode(f"{self.realm}:{self.user_id}".encode("utf-8")).decode("utf-8")
        response = self.client.post("/auth", headers={"Authorization": f"Basic {secret}"}, json=dict(realm=self.realm))
        response.raise_for_status()
        self.session = response.headers.get("X-Session", "none")

    @property
    def auth_headers(self) -> Dict[str, str]:
        return {"X-Session": self.session, "X-Digest": hashlib.md5(self.session.encode()).hexdigest()}


class BaseUser(AuthMixin, HttpUser):
    abstract = True
    wait_time = between(1, 2)
    counters: ClassVar[Dict[str, int]] = {}
    created: List[Any] = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.user_id = random.randrange(1000, 9999)
        self.get_json = partial(self.client.get, headers={"Accept": "application/json"})

    def on_start(self):
        self.sign_in()

    def count(self, what: str, by: int = 1) -> int:
        BaseUser.counters[what] = BaseUser.counters.get(what, 0) + by
        return BaseUser.counters[what]


class Buyer(BaseUser):
    realm = "buyers"
    weight = 4

    @task(3)
    def look(self):
        number = self.count("look")
        self.client.get("/offers", params={"page": number % 5}, headers=self.auth_headers)

    @task
    def buy(self):
        offers = self.client.get("/offers", headers=self.auth_headers).json()
        cheapest = min(offers["items"], key=lambda offer: offer["id"])
        ordered = sorted(offers["items"], key=lambda offer: (offer["name"], -offer["id"]), reverse=True)
        with self.client.post(f"/offers/{cheapest['id']}/buy", json={"count": len(ordered)}, headers=self.auth_headers, catch_response=True) as response:
            assert response.status_code < 500, "server error"
            if not response.json().get("id"):
                response.failure("no id")


class Admin(BaseUser):
    fixed_count = 1

    @task
    def report(self):
        self.client.get("/report", auth=("admin", "secret"), headers=self.auth_headers, stream=True)

    def on_stop(self):
        self.client.post("/logout", headers=self.auth_headers)


if __name__ == "__main__":
    run_single_user(Buyer)
