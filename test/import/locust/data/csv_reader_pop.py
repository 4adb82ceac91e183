import csv
from locust import HttpUser, task, constant_pacing

def read_users(path):
    with open(path) as handle:
        rows = csv.reader(handle)
        next(rows)
        return [row for row in rows]

USERS = read_users("users.csv")

class Member(HttpUser):
    wait_time = constant_pacing(10)

    def on_start(self):
        self.email, self.password = USERS.pop()
        self.client.post("/login", json=dict(email=self.email, password=self.password))

    @task
    def inbox(self):
        r = self.client.get("/inbox")
        for message in r.json()["messages"][:3]:
            self.client.get("/inbox/" + str(message["id"]), name="/inbox/[id]")
