from locust import HttpUser, task


def check_response(response, expected=200):
    if response.status_code != expected:
        response.failure(f"Expected {expected}, got {response.status_code}")
        return False
    return True


class Jobs(HttpUser):
    @task
    def job(self):
        with self.client.post("/jobs", json={"kind": "export"}, catch_response=True) as resp:
            if not check_response(resp, 202):
                return
        self.client.get("/jobs")
