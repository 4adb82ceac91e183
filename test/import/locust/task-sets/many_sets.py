from locust import HttpUser, TaskSet, task, between

class BrowseTasks(TaskSet):
    def on_start(self):
        self.client.get("/welcome")

    @task(3)
    def home(self):
        self.client.get("/")

    @task
    def about(self):
        self.client.get("/about")

class ApiTasks(TaskSet):
    @task
    def health(self):
        self.client.get("/api/health")

class MixedUser(HttpUser):
    wait_time = between(1, 2)
    tasks = {BrowseTasks: 3, ApiTasks: 1}
