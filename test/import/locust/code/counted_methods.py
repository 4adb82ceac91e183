from locust import HttpUser, task


class Reader(HttpUser):
    host = "https://example.com"

    @task
    def read(self):
        pairs = "a=b=c".split("=", 1)
        once = "x-y-z".replace("-", "+", 1)
        always = "x-y-z".replace("-", "+")
        seen = {"a", "b"}
        seen.remove("a")
        seen.clear()
        self.client.get("/" + pairs[1] + once + always + str(len(seen)))
