import json
import time

from locust import HttpUser, between, events, task
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

SHARED = {"started": 0.0, "failures": 0}


@events.init.add_listener
def on_locust_init(environment: Environment, **_kwargs):
    if isinstance(environment.runner, MasterRunner):
        print("I'm on master node")
    elif isinstance(environment.runner, WorkerRunner):
        environment.runner.register_message("config", lambda environment, msg, **kw: None)


@events.test_start.add_listener
def on_test_start(environment, **kwargs):
    SHARED["started"] = time.time()
    print("test is starting against", environment.host)


@events.test_stop.add_listener
def on_test_stop(environment, **kwargs):
    print(f"test took {time.time() - SHARED['started']:.1f}s, users: {environment.runner.user_count}")


@events.quitting.add_listener
def _(environment, **kw):
    stats = environment.stats.total
    if stats.fail_ratio > 0.02:
        environment.process_exit_code = 1
    elif stats.get_response_time_percentile(0.95) > 800:
        environment.process_exit_code = 2
    else:
        environment.process_exit_code = 0


class Monitor(HttpUser):
    wait_time = between(1, 3)

    @task
    def check(self):
        start = time.perf_counter()
        with self.client.get("/status", catch_response=True, name="status") as response:
            try:
                status = response.json()["status"]
            except (json.JSONDecodeError, KeyError):
                response.failure("not JSON, or without status")
            else:
                if status not in ["done", "ok"]:
                    response.failure("status is " + status)
        elapsed = (time.perf_counter() - start) * 1000
        self.environment.events.request.fire(
            request_type="CUSTOM", name="check", response_time=elapsed, response_length=0, exception=None, context={}
        )

    @task
    def users(self):
        if self.environment.runner is not None and self.environment.runner.user_count > 10:
            self.client.get("/busy")
        else:
            self.client.get("/quiet")
