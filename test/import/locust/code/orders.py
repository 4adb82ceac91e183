from locust import HttpUser, task


class Reader(HttpUser):
    host = "https://orders.example.com"

    @task
    def read(self):
        ids = sorted(self.client.get("/ids").json())
        latest = sorted(self.client.get("/ids").json(), reverse=True)
        names = sorted(["b", "a"])
        sizes = sorted([10, 9, 1])
        listed = self.client.get("/names").json()
        first, last = min(listed), max(listed)
        lower = min("b", "a")
        least = min(sizes)
        most = max(len(names), 3)
        self.client.get(f"/items/{ids[0]}/{latest[0]}/{first}/{last}/{lower}/{least}/{most}", name="/items/[path]")
