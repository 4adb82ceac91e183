from locust import HttpUser, TaskSet, task, between
import sys, logging

USER_CREDENTIALS = [
    ("user1", "password1"),
    ("user2", "password2"),
    ("user3", "password3"),
]

class LoginWithUniqueUsersSteps(TaskSet):
    email = "NOT_FOUND"
    password = "NOT_FOUND"

    def on_start(self):
        if len(USER_CREDENTIALS) > 0:
            self.email, self.password = USER_CREDENTIALS.pop()

    @task
    def login(self):
        self.client.post("/login", {
            'email': self.email, 'password': self.password
        })
        logging.info('Login with %s email and %s password', self.email, self.password)

class LoginWithUniqueUsersTest(HttpUser):
    tasks = [LoginWithUniqueUsersSteps]
    host = "https://blazedemo.com"
    wait_time = between(1, 2)
    sock = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.counter = 0
