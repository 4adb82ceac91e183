import math
from locust import HttpUser, LoadTestShape, task, between


class Visitor(HttpUser):
    wait_time = between(1, 2)

    @task
    def get_root(self):
        self.client.get("/")


class DoubleWave(LoadTestShape):
    """Imitates a day with two peaks."""

    min_users = 20
    peak_one_users = 60
    peak_two_users = 40
    time_limit = 600

    def tick(self):
        run_time = round(self.get_run_time())

        if run_time < self.time_limit:
            user_count = (
                (self.peak_one_users - self.min_users)
                * math.e ** -(((run_time / (self.time_limit / 10 * 2 / 3)) - 5) ** 2)
                + (self.peak_two_users - self.min_users)
                * math.e ** -(((run_time / (self.time_limit / 10 * 2 / 3)) - 10) ** 2)
                + self.min_users
            )
            return (round(user_count), round(user_count))
        else:
            return None
