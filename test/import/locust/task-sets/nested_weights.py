from random import choice, uniform

from locust import FastHttpUser, SequentialTaskSet, TaskSet, between, tag, task


def idle(user):
    user.client.get("/ping")


class ReadDocs(TaskSet):
    wait_time = between(0.1, 0.3)

    def on_start(self):
        self.chapter = 1

    @task(5)
    def next_page(self):
        self.chapter += 1
        self.client.get(f"/docs/{self.chapter}", name="/docs/:chapter")

    @task(1)
    def stop(self):
        self.interrupt()


class FastClient(FastHttpUser):
    abstract = True
    connection_timeout = 10.0
    network_timeout = 20.0
    insecure = True


class Reader(FastClient):
    wait_time = lambda self: uniform(0.2, 0.4)
    weight = 3
    tasks = {ReadDocs: 3, idle: 1}


class Editor(FastClient):
    def wait_time(self):
        self.pause = getattr(self, "pause", 0) + 0.1
        return min(self.pause, 1)

    @tag("write")
    @task(2)
    class Drafts(SequentialTaskSet):
        def on_start(self):
            self.title = choice(["a", "b", "c"])

        @task
        def create(self):
            with self.rest("POST", "/drafts", json={"title": self.title}) as resp:
                self.user.draft_id = resp.js["id"]

        @task
        def publish(self):
            self.client.post(f"/drafts/{self.user.draft_id}/publish", json={})

        @task
        def done(self):
            self.interrupt(reschedule=False)

    @tag("read", "fast")
    @task
    def home(self):
        self.client.get("/", headers={"Accept": "text/html"})
