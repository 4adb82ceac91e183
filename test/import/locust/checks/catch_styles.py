from json import JSONDecodeError
from locust import HttpUser, task, constant


class CatchStyles(HttpUser):
    wait_time = constant(1)

    @task
    def greeting(self):
        with self.client.post("/", json={"foo": 42, "bar": None}, catch_response=True) as response:
            try:
                if response.json()["greeting"] != "hello":
                    response.failure("Did not get expected value in greeting")
            except JSONDecodeError:
                response.failure("Response could not be decoded as JSON")
            except KeyError:
                response.failure("Response did not contain expected key 'greeting'")

    @task
    def text_and_time(self):
        with self.client.get("/", catch_response=True) as response:
            if response.text != "Success":
                response.failure("Got wrong response")
            elif response.elapsed.total_seconds() > 0.5:
                response.failure("Request took too long")

    @task
    def body_contains(self):
        with self.client.get("/catalogue", catch_response=True) as r:
            if "Add to cart" not in r.text:
                r.failure("no button")

    @task
    def missing_is_fine(self):
        with self.client.get("/does_not_exist/", catch_response=True) as response:
            if response.status_code == 404:
                response.success()

    @task
    def several(self):
        with self.client.get("/orders", catch_response=True) as response:
            if response.status_code == 200:
                orders = response.json()
                if len(orders) == 0:
                    response.failure("no orders")
                else:
                    self.last_order = orders[-1]["id"]
                    response.success()
            elif response.status_code in (401, 403):
                response.failure("not allowed")
            else:
                response.failure("status %d" % response.status_code)

    @task
    def either(self):
        with self.client.put("/profile", json={"nick": "x"}, catch_response=True) as response:
            if response.status_code == 200 or response.status_code == 204:
                response.success()
            else:
                response.failure("unexpected")
