from locust import FastHttpUser, constant, task


class ApiUser(FastHttpUser):
    connection_timeout = 5.0
    network_timeout = 30.0
    max_redirects = 5
    default_headers = {"User-Agent": "loadtest/1.0", "Accept": "application/json"}
    wait_time = constant(1)
    host = "https://api.example.com"

    @task(2)
    def search(self):
        self.client.post("/search", json={"q": "x"})
        self.client.get("/report", timeout=120)

    @task
    def grow(self):
        n = self.environment.runner.user_count
        self.client.get("/users", params={"n": n})

    @task
    def ranked(self):
        items = sorted(range(3), key=lambda i: unknown.rank(self.client.get(f"/rank/{i}").json()))
        print(items)


class AdminUser(ApiUser):
    weight = 2
    network_timeout = 90
    default_headers = {"X-Admin": "1"}

    def get_page(self, path, **kw):
        kw.pop("debug", None)
        tags = kw.pop("tags", ["a"])
        return self.client.get(path, headers={"X-Tags": tags[0]}, **kw)

    @task
    def admin(self):
        self.get_page("/admin", name="admin")
