from locust import HttpUser, LoadTestShape, between, task

HOSTS = ["a", "b", "c"]
WEIGHTS = [5, 3, 2]
ROWS = [(1, 2, 3), (4, 5, 6)]
PAYLOAD = load_payload()


class Unpacker(HttpUser):
    low = 1
    wait_time = between(low, high := 4)

    @task
    def loops(self):
        for name, index in zip(HOSTS, range(len(HOSTS))):
            self.client.get(f"/warm/{name}/{index}")
        for *_, last in ROWS:
            self.client.get(f"/last/{last}")
        for i, (name, weight) in enumerate(zip(HOSTS, WEIGHTS), start=1):
            self.client.get(f"/weighted/{i}/{name}/{weight}", name="/weighted")
        flat = [cell for row in ROWS for cell in row]
        first, *middle, end = flat
        self.client.post("/flat", json={**PAYLOAD, "first": first, "count": len(middle), "end": end})


class Steps(LoadTestShape):
    time_limit = 600

    def tick(self):
        run_time = self.get_run_time()
        if run_time > self.time_limit or self.runner.user_count > 50:
            return None
        return (run_time // 30 * 10, 10)
