import math
from collections import namedtuple

from locust import HttpUser, LoadTestShape, constant, constant_pacing, task

Step = namedtuple("Step", ["users", "dwell"])


class WebUser(HttpUser):
    wait_time = constant(1)
    weight = 2

    @task
    def page(self):
        self.client.get("/page")


class ApiUser(HttpUser):
    wait_time = constant_pacing(2)
    fixed_count = 1

    @task
    def call(self):
        self.client.get("/api/status", timeout=(3.05, 27), allow_redirects=False)


class StagesWithClasses(LoadTestShape):
    stages = [
        {"duration": 10, "users": 10, "spawn_rate": 10, "user_classes": [WebUser]},
        {"duration": 30, "users": 50, "spawn_rate": 10, "user_classes": [WebUser, ApiUser]},
        {"duration": 60, "users": 100, "spawn_rate": 10, "user_classes": [ApiUser]},
    ]

    def tick(self):
        run_time = self.get_run_time()
        for stage in self.stages:
            if run_time < stage["duration"]:
                try:
                    tick_data = (stage["users"], stage["spawn_rate"], stage["user_classes"])
                except KeyError:
                    tick_data = (stage["users"], stage["spawn_rate"])
                return tick_data
        return None
