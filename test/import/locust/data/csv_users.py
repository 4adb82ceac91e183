import csv
import random
from locust import HttpUser, task, between

USER_CREDENTIALS = None

with open("users.csv", "r") as f:
    reader = csv.DictReader(f)
    USER_CREDENTIALS = list(reader)


class CsvUser(HttpUser):
    wait_time = between(1, 2)

    def on_start(self):
        user = random.choice(USER_CREDENTIALS)
        self.email = user["email"]
        self.client.post("/login", data={"email": user["email"], "password": user["password"]})

    @task
    def me(self):
        self.client.get("/me", params={"email": self.email})
