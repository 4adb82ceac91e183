from locust import HttpUser, task, LoadTestShape, constant_pacing, run_single_user
from collections import namedtuple, deque
from dataclasses import dataclass
import csv, queue, threading, time, sys

Step = namedtuple("Step", ["users", "dwell"])
lock = threading.Lock()
Q = queue.Queue()
for i in range(10):
    Q.put({"id": i})

@dataclass
class Item:
    id: int
    name: str = "x"

class Shape(LoadTestShape):
    targets_with_times = (Step(5, 10), Step(10, 20))
    stages = [{"duration": 10, "users": 5, "spawn_rate": 5}, {"duration": 20, "users": 10, "spawn_rate": 5}]
    def __init__(self, *args, **kwargs):
        self.step = 0
        super().__init__(*args, **kwargs)
    def tick(self):
        t = self.get_run_time()
        for s in self.stages:
            if t < s["duration"]:
                try:
                    return (s["users"], s["spawn_rate"], [W])
                except KeyError:
                    return (s["users"], s["spawn_rate"])
        return None

class W(HttpUser):
    wait_time = constant_pacing(5)
    host = "http://localhost:8080"
    item = Item(1)

    @task
    def q(self):
        with lock:
            d = Q.get()
        self.client.get("/q/" + str(d["id"]))
        Q.put(d)
        global done
        done = True

    @task
    def words(self):
        with open("words.txt") as f:
            words = [line.strip() for line in f if line.strip()]
        w = words[0] if words else "none"
        a, *rest = w.split("-")
        x = y = 1
        x, y = y, x
        self.client.get("/w", params=[("a", a), ("b", y)])
        s = {1, 2} | {3}
        z = 5 if x else None
        n = "yes" if z is not None and len(rest) > 0 else 'no'
        self.client.get(f"/n/{n}/{x:03d}/{x / 3:.2f}")
        self.client.get("/x", headers={**{"a": "b"}, "c": "d"}, cookies={"s": "1"})

if __name__ == "__main__":
    run_single_user(W)
