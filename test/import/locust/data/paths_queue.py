import csv
import queue
import random
from pathlib import Path
import json
import logging
from locust import HttpUser, task, between

HERE = Path(__file__).parent
TERMS = json.loads((HERE / "terms.json").read_text())
OTHER = json.load(open(HERE / "terms.json"))
TERMS_FILE = HERE / "terms.json"
FOURTH = json.loads(TERMS_FILE.read_text(encoding="utf-8"))
FIFTH = TERMS_FILE.read_text().splitlines()
with (HERE / "terms.json").open() as f:
    THIRD = json.load(f)

with open("users.csv", newline="") as f:
    ACCOUNTS = list(csv.DictReader(f))

with (HERE / "users.csv").open(newline="") as f:
    BUYERS = list(csv.DictReader(f))

accounts = queue.Queue()
for account in ACCOUNTS:
    accounts.put(account)

logging.info("%d accounts", len(ACCOUNTS))

class U(HttpUser):
    wait_time = between(1, 2)

    def on_start(self):
        try:
            self.account = accounts.get_nowait()
        except queue.Empty:
            self.account = random.choice(ACCOUNTS)
        self.client.post("/login", json={"email": self.account["email"]})

    @task
    def search(self):
        self.client.get("/search", params={"q": random.choice(TERMS)})
        self.client.get("/search", params={"q": random.choice(OTHER)})
        self.client.get("/search", params={"q": random.choice(THIRD)})
        self.client.get("/search", params={"q": random.choice(FOURTH)})
        self.client.get("/search", params={"q": random.choice(FIFTH)})
        self.client.post("/buy", json={"email": random.choice(BUYERS)["email"]})
