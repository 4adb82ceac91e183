from locust import HttpUser, TaskSet, task, between
import random

class ForumSection(TaskSet):
    wait_time = between(0.05, 0.1)

    @task(10)
    def view_thread(self):
        thread = random.randint(1, 200)
        self.client.get("/forum/thread/%d" % thread, name="/forum/thread/[id]")

    @task
    def create_thread(self):
        self.client.post("/forum/thread", json={"title": "Hello", "body": "World " * 20})

    @task
    def stop(self):
        self.interrupt()

class LoggedInUser(HttpUser):
    wait_time = between(0.1, 0.2)
    tasks = {ForumSection: 2}

    @task
    def my_task(self):
        self.client.get("/about/")

    @task(3)
    class Account(TaskSet):
        def on_start(self):
            self.client.get("/account")

        @task(2)
        def settings(self):
            self.client.get("/account/settings")

        @task
        def leave(self):
            self.client.get("/account/bye")
            self.interrupt(reschedule=False)
