"""
Load generator for the flash sale.

1. reserve with an idempotency key
2. pay
3. confirm, then poll the order until it is done
"""
import os
import time
import uuid
import json
import random
import logging
import threading
from datetime import datetime, timedelta, timezone
from locust import HttpUser, task, between, events, tag

logger = logging.getLogger(__name__)
KEY_POOL = [f"key-{i:04d}" for i in range(100)]
WRITE_RATIO = float(os.getenv("WRITE_RATIO", "0.5"))

_lock = threading.Lock()
_known_versions = {}
_stale_reads = 0


def record_write(key: str, version: int):
    with _lock:
        _known_versions[key] = version


def is_stale(key: str, version: int) -> bool:
    global _stale_reads
    with _lock:
        known = _known_versions.get(key)
        if known is not None and version < known:
            _stale_reads += 1
            return True
    return False


class FlashSaleCustomer(HttpUser):
    wait_time = between(0.01, 0.05)

    def on_start(self):
        self.session_token = None
        res = self.client.post("/api/auth/login", json={
            "email": f"user{random.randint(1, 10000)}@example.com",
            "password": os.environ.get("TEST_PASSWORD", "secret"),
        })
        if res.status_code == 200:
            self.session_token = res.json().get("token")
        else:
            logger.error("Login failed: %s", res.text)

    @property
    def auth(self):
        return {"Authorization": f"Bearer {self.session_token}"} if self.session_token else {}

    @tag("buy")
    @task(3)
    def buy_product(self):
        user_id = f"USER_{uuid.uuid4().hex[:8]}"
        headers = {
            **self.auth,
            "X-Idempotency-Key": f"IDEMP_{uuid.uuid4()}",
            "X-Request-Date": datetime.utcnow().strftime("%Y%m%dT%H%M%SZ"),
            "X-Local-Date": datetime.now().strftime("%a, %d %b %Y %H:%M:%S"),
        }
        payload = {"productId": "PRODUCT-X", "userId": user_id, "quantity": 1,
                   "deliverOn": (datetime.now(timezone.utc) + timedelta(days=2)).strftime("%Y-%m-%d"),
                   "stamp": time.strftime("%H:%M"),
                   "label": f"{datetime.now():%d/%m/%y}"}
        with self.client.post("/api/v1/reservations", json=payload, headers=headers, catch_response=True,
                              name="1. reserve") as res:
            if res.status_code == 409:
                res.success()
                return
            if res.status_code not in (200, 201):
                res.failure(f"reservation: {res.status_code}")
                return
            data = res.json().get("data", {})
            reservation_id = data.get("id")
            if not reservation_id:
                res.failure("no reservation id")
                return
        with self.client.post(f"/api/v1/payments/{reservation_id}", json={"amount": round(random.uniform(1, 99), 2)},
                              headers=headers, catch_response=True, name="2. pay") as res:
            if res.elapsed.total_seconds() > 2:
                res.failure("too slow")
            elif not res.ok:
                res.failure("payment failed")
        deadline = time.time() + 10
        attempts = 0
        while time.time() < deadline:
            attempts += 1
            res = self.client.get(f"/api/v1/orders/{reservation_id}", headers=headers, name="3. poll")
            if res.json().get("status") in ["done", "failed"]:
                break
            time.sleep(min(0.1 * 2 ** attempts, 2))
        else:
            events.request.fire(request_type="POLL", name="order", response_time=10000, response_length=0,
                                exception=TimeoutError("never done"), context={})

    @task
    def read_or_write(self):
        key = random.choice(KEY_POOL)
        if random.random() < WRITE_RATIO:
            with self.client.put(f"/kv/{key}", data=json.dumps({"value": str(uuid.uuid4())}),
                                 headers={"Content-Type": "application/json"}, name="/kv/[key] PUT",
                                 catch_response=True) as r:
                if r.status_code == 200:
                    record_write(key, r.json().get("id", 0))
                    r.success()
                else:
                    r.failure(f"write: {r.status_code}")
        else:
            with self.client.get(f"/kv/{key}", name="/kv/[key] GET", catch_response=True) as r:
                if r.status_code == 404:
                    r.success()
                elif is_stale(key, r.json()["id"]):
                    r.failure("stale read")


@events.quitting.add_listener
def on_quitting(environment, **kwargs):
    stats = environment.stats.total
    if stats.fail_ratio > 0.01:
        logger.error("failure ratio %.2f", stats.fail_ratio)
        environment.process_exit_code = 1
    elif stats.get_response_time_percentile(0.95) > 800:
        environment.process_exit_code = 2
    else:
        environment.process_exit_code = 0
