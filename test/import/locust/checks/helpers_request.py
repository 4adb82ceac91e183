import gevent
import logging
import random
import time
from itertools import count

from locust import HttpUser, constant_throughput, events, task
from locust.exception import RescheduleTask, StopUser

log = logging.getLogger(__name__)
_ids = count(1)
FILTERS = {"brand": ["acme", "umbrella"], "colour": ["red", "green", "blue"]}


def random_filter():
    key = random.choice(list(FILTERS.keys()))
    return key, random.choice(FILTERS[key])


def search(user, text, page=1, **extra):
    key, value = random_filter()
    params = {"q": text, "page": page, key: value}
    params.update(extra)
    return user.client.request("GET", "/search", params=params, name="/search")


def browse_all(client, pages):
    seen = []
    for page in range(1, pages + 1):
        response = client.request(method="get", url=f"/catalogue/{page}", name="/catalogue/[page]")
        if not response.ok:
            log.warning("page %s failed with %d", page, response.status_code)
            break
        seen.append(page)
        time.sleep(0.1)
    return len(seen)


class Searcher(HttpUser):
    wait_time = constant_throughput(0.5)

    @task(2)
    def find(self):
        found = search(self, "hat", sort="price")
        if found.status_code == 503:
            raise RescheduleTask()
        for entry in found.json().get("items", [])[:2]:
            self.client.get("/items/%d" % entry["id"], name="/items/[id]")

    @task
    def walk(self):
        count = browse_all(self.client, 3)
        if count < 3:
            log.error(f"only {count} pages")

    @task
    def replace(self):
        number = next(_ids)
        self.client.request("PUT", f"/notes/{number}", json={"text": "x" * 10, "number": number}, headers={"If-Match": "*"})
        self.client.request("PURGE", "/cache", name="purge")
        gevent.sleep(0.05)

    @task
    def leave(self):
        if random.random() < 0.001:
            raise StopUser()


def on_request(request_type, name, response_time, response_length, exception, **kwargs):
    if exception:
        log.error(f"{request_type} {name}: {exception}")


events.request.add_listener(on_request)
