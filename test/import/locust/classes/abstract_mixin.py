import random
from locust import HttpUser, task, between


class LoginMixin:
    username = "guest"

    def login(self):
        r = self.client.post("/auth/token", data={"username": self.username, "password": "x"})
        r.raise_for_status()
        self.token = r.json()["access_token"]

    @property
    def auth_header(self):
        return {"Authorization": "Bearer " + self.token}


class BaseUser(LoginMixin, HttpUser):
    abstract = True
    wait_time = between(1, 3)

    def on_start(self):
        self.login()

    @task
    def home(self):
        self.client.get("/home", headers=self.auth_header)


class Reader(BaseUser):
    weight = 3
    username = "reader"

    @task(5)
    def read(self):
        self.client.get(f"/articles/{random.randint(1, 100)}", headers=self.auth_header)


class Writer(BaseUser):
    weight = 1
    username = "writer"

    def on_start(self):
        super().on_start()
        self.drafts = []

    @task(2)
    def write(self):
        res = self.client.post("/articles", json={"title": "T", "tags": ["a", "b"]}, headers=self.auth_header)
        if res.ok:
            self.drafts.append(res.json()["id"])

    @task
    def publish(self):
        if not self.drafts:
            return
        draft = self.drafts.pop()
        self.client.post(f"/articles/{draft}/publish", headers=self.auth_header)
