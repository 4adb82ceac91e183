"""Load test of the booking API. Run: locust -f oauth_refresh.py --headless -u 50 -r 5 -t 10m"""
import json
import logging
import os
import random
import time
from datetime import datetime, timedelta, timezone
from uuid import uuid4

from faker import Faker
from locust import HttpUser, between, events, task
from locust.exception import RescheduleTask, StopUser

logger = logging.getLogger(__name__)
fake = Faker("de_DE")

API = os.getenv("API_PREFIX", "/api/v2")
CLIENT_ID = os.environ.get("CLIENT_ID", "load-test")
CLIENT_SECRET = os.environ["CLIENT_SECRET"] if "CLIENT_SECRET" in os.environ else ""
CITIES = ["Berlin", "Hamburg", "Köln"]
ROOM_TYPES = {"single": 5, "double": 3, "suite": 1}
BOOKED: list[str] = []


@events.init.add_listener
def on_init(environment, **_kwargs):
    logger.info("target is %s", environment.host)


@events.request.add_listener
def slow(request_type, name, response_time, response_length, exception, **kwargs):
    if response_time > 3000:
        logger.warning("%s %s took %d ms", request_type, name, response_time)


def in_days(days: int, fmt: str = "%Y-%m-%d") -> str:
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime(fmt)


class BookingUser(HttpUser):
    wait_time = between(0.5, 2.5)
    token = None
    expires_at = 0.0

    def on_start(self):
        self.guest = {"name": fake.name(), "email": f"{uuid4().hex[:8]}@example.com"}
        self.authenticate()

    def authenticate(self):
        response = self.client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
            name="token",
        )
        if not response.ok:
            logger.error("no token: %s", response.text)
            raise StopUser()
        body = response.json()
        self.token = body["access_token"]
        self.expires_at = time.time() + body.get("expires_in", 300) - 30
        self.client.headers.update({"Authorization": f"Bearer {self.token}", "Accept-Language": "de"})

    def ensure_token(self):
        if time.time() >= self.expires_at:
            self.authenticate()

    @task(10)
    def search(self):
        self.ensure_token()
        params = {
            "city": random.choice(CITIES),
            "from": in_days(random.randint(1, 30)),
            "guests": random.randrange(1, 5),
            "type": random.choices(list(ROOM_TYPES), weights=list(ROOM_TYPES.values()), k=1)[0],
        }
        with self.client.get(f"{API}/rooms", params=params, name=f"{API}/rooms", catch_response=True) as response:
            if response.status_code != 200:
                response.failure(f"got {response.status_code}")
                return
            rooms = response.json().get("items", [])
            if not rooms:
                response.failure("no rooms")
            elif response.elapsed.total_seconds() > 2:
                response.failure("too slow")
            else:
                response.success()
        if rooms and random.random() < 0.3:
            self.book(rooms[0]["id"])

    def book(self, room_id):
        payload = {
            "room": room_id,
            "guest": self.guest,
            "stay": {"from": in_days(7), "to": in_days(9)},
            "requests": [fake.sentence() for _ in range(2)],
        }
        headers = {"Idempotency-Key": str(uuid4())}
        r = self.client.post(f"{API}/bookings", json=payload, headers=headers)
        try:
            booking = r.json()["id"]
        except (KeyError, json.JSONDecodeError):
            raise RescheduleTask()
        BOOKED.append(booking)
        self.client.get(f"{API}/bookings/{booking}", name=f"{API}/bookings/[id]")

    @task(2)
    def cancel(self):
        if not BOOKED:
            return
        booking = BOOKED.pop()
        self.client.delete(f"{API}/bookings/{booking}", name=f"{API}/bookings/[id]")

    @task
    def profile(self):
        for path in ("/me", "/me/bookings?limit=5"):
            self.client.get(API + path)

    def on_stop(self):
        self.client.post("/oauth/revoke", data={"token": self.token})
