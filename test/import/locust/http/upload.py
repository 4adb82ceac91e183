import base64
import hashlib
import hmac
import time
import os
import requests
from faker import Faker
from locust import HttpUser, task, between

fake = Faker()
SECRET = os.environ["WEBHOOK_SECRET"]


class Uploader(HttpUser):
    wait_time = between(1, 2)

    def sign(self, body):
        return hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()

    @task
    def upload(self):
        with open("users.csv", "rb") as image:
            self.client.post("/files", files={"file": image})

    @task
    def avatar(self):
        self.client.post("/avatar", files={"avatar": ("a.csv", open("users.csv", "rb"), "text/csv")}, data={"kind": "avatar"})

    @task
    def webhook(self):
        body = '{"event": "paid", "at": %d}' % int(time.time())
        self.client.post("/hook", data=body, headers={"X-Signature": self.sign(body), "Content-Type": "application/json"})

    @task
    def basic(self):
        token = base64.b64encode(f"{fake.user_name()}:pw".encode()).decode()
        self.client.get("/basic", headers={"Authorization": "Basic " + token}, verify=False)
