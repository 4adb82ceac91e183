import csv
import os
import random
from datetime import datetime, timedelta
from pathlib import Path

from locust import HttpUser, between, task

HERE = Path(__file__).parent

with open(HERE / "users.csv", newline="") as handle:
    ACCOUNTS = list(csv.DictReader(handle))

RETRIES = 3
STATUS = {200: "ok", 404: "missing", 500: "broken"}


class Booking(HttpUser):
    wait_time = between(1, 2)
    host = os.environ.get("TARGET_HOST", "https://booking.example.com")

    def on_start(self):
        account = random.choice(ACCOUNTS)
        response = self.client.post("/session", data={"email": account["email"], "password": account["password"]})
        if response.status_code != 201:
            self.environment.runner.quit()
            return
        self.client.headers.update({"Authorization": "Token " + response.json()["token"]})
        self.day = (datetime.now() + timedelta(days=7)).strftime("%Y-%m-%d")

    @task
    def book(self):
        attempts = 0
        done = False
        while not done and attempts < RETRIES:
            attempts += 1
            try:
                with self.client.post("/bookings", json={"day": self.day, "seats": [1, 2]}, catch_response=True) as response:
                    if response.status_code in (200, 201):
                        done = True
                        response.success()
                    elif response.status_code == 423:
                        response.failure(f"locked, attempt {attempts}/{RETRIES}")
                        continue
                    else:
                        response.failure(STATUS.get(response.status_code, "unknown"))
                        return
            except Exception as error:
                print("booking failed:", error)
                break
        else:
            print(f"done after {attempts:>2} attempts")

    @task(2)
    def list_bookings(self):
        page = self.client.get("/bookings", params={"from": self.day, "limit": 20}).json()
        ids = {entry["id"]: entry for entry in page["items"] if entry.get("tag") == "new"}
        names = sorted(entry["name"] for entry in ids.values())
        for index, name in enumerate(names, start=1):
            self.client.get(f"/bookings/by-name/{name}", name="/bookings/by-name/[name]", headers={"X-Index": str(index)})
