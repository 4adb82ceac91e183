import gevent
import time
from locust import User, HttpUser, task, constant, events, between


class RawUser(User):
    abstract = True


class Pooled(HttpUser):
    wait_time = constant(0)

    @task
    def parallel(self):
        pool = gevent.pool.Pool()
        for path in ["/a", "/b"]:
            pool.spawn(self.client.get, path)
        pool.join()

    @task
    def custom(self):
        start = time.perf_counter()
        gevent.sleep(0.1)
        events.request.fire(request_type="WORK", name="thing", response_time=(time.perf_counter() - start) * 1000, response_length=0, exception=None)

    @task
    def quits(self):
        response = self.client.get("/status")
        if response.status_code == 503:
            self.environment.runner.quit()
        print(response.status_code, response.elapsed)
