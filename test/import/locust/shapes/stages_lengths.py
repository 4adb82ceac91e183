from locust import HttpUser, task, between, LoadTestShape
class U(HttpUser):
    wait_time = between(1, 2)
    @task
    def a(self):
        self.client.get("/")

class S(LoadTestShape):
    stages = [(4, 4, 2), (10, 8, 2)]
    def tick(self):
        t = self.get_run_time()
        for d, users, rate in self.stages:
            if t < d:
                return users, rate
            t -= d
        return None
