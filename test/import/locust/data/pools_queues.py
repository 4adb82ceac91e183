import collections
import queue

import gevent
from collections import defaultdict, deque
from gevent.pool import Group, Pool
from locust import HttpUser, between, task

USERS = queue.Queue()
for number in range(3):
    USERS.put({"name": f"user{number}"})
RECENT = deque(maxlen=50)
HITS = defaultdict(int)
PARTS = defaultdict(list)


class Member(HttpUser):
    wait_time = between(1, 3)

    def on_start(self):
        try:
            self.account = USERS.get_nowait()
        except queue.Empty:
            self.account = {"name": "guest"}

    def on_stop(self):
        USERS.put(self.account)

    @task
    def pages(self):
        pool = Pool(5)
        for n in range(3):
            pool.spawn(self.client.get, f"/pages/{n}", name="/pages/[n]")
        pool.join()

    @task
    def jobs(self):
        jobs = [gevent.spawn(self.fetch, i) for i in range(4)]
        gevent.joinall(jobs, timeout=10)
        total = sum(job.value for job in jobs)
        self.client.post("/sum", json={"total": total, "waiting": USERS.qsize(), "none": USERS.empty()})

    def fetch(self, i):
        return self.client.get(f"/parts/{i}").json()["id"]

    @task
    def grouped(self):
        group = Group()
        group.map(lambda path: self.client.get(path), ["/a", "/b"])
        RECENT.append(self.account["name"])
        HITS["grouped"] += 1
        PARTS[self.account["name"]].append(HITS["grouped"])
        oldest = RECENT.popleft()
        self._sleep(0.1)
        self.client.post("/upload", files={"file": ("a.txt", "text", "text/plain"), "meta": (None, "x")}, data={"oldest": oldest})
