"""Texts that are chosen at random and then filled in, and times with and without a time zone."""
import random
import time
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from locust import HttpUser, between, task

QUERIES = ["shoes size {size}", "red {size} hat"]
GREETINGS = ["Hello {}", "{0}, your order {order} is ready", "{{draft}} {0}"]


class Shopper(HttpUser):
    wait_time = between(1, 2)

    @task(3)
    def search(self):
        query = random.choice(QUERIES).format(size=random.randint(30, 46))
        self.client.get("/search", params={"q": query})

    @task
    def write(self):
        names = {"order": 7}
        self.client.post("/notes", json={
            "text": random.choice(GREETINGS).format("Ann", order=7),
            "plain": random.choice(["Hi {}", "Bye {}"]).format("Ann"),
            "named": random.choice(["Order {order}"]).format(**names),
        })

    @task
    def plan(self):
        started = datetime.now()
        now_utc = datetime.utcnow()
        self.client.post("/bookings", json={
            "at": started.isoformat(),
            "utc": now_utc.isoformat(),
            "aware": datetime.now(timezone.utc).isoformat(),
            "header": now_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "day": started.strftime("%Y-%m-%d"),
            "hour": started.hour,
            "utcHour": now_utc.hour,
            "today": date.today().isoformat(),
            "tomorrow": (started + timedelta(days=1)).strftime("%d/%m/%Y %H:%M"),
            "clock": time.strftime("%H:%M:%S"),
            "gmt": time.strftime("%H:%M:%S", time.gmtime()),
            "local": time.strftime("%H:%M", time.localtime()),
            "label": f"{datetime.now():%d.%m.%Y}",
            "berlin": datetime.now(ZoneInfo("Europe/Berlin")).isoformat(),
            "stamp": int(started.timestamp()),
            "millis": int(time.time() * 1000),
            "clockMillis": int(time.perf_counter() * 1000),
            "share": int(len(QUERIES) / 7 * 1000),
        })
