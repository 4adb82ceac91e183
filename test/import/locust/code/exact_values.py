import re

from locust import HttpUser, task


class Visitor(HttpUser):
    @task
    def visit(self):
        body = self.client.get("/values").json()
        names = body["names"]
        names.sort()
        numbers = [10, 9, 1]
        numbers.sort()
        count = int(body["count"]) + int("10", 2)
        price = float(body["price"])
        code = re.sub(r"(\w+)-(\d+)", r"\2_\1", body["id"])
        sizes = list(map(int, body["sizes"]))
        self.client.get(f"/items/{count:X}/{code}", params={
            "first": names[0],
            "number": f"{numbers[0]:05d}",
            "price": f"{price:,.2f}",
            "size": sizes[0],
            "name": "{:>10}".format(names[0]),
        })
        if re.match("a|b", body["id"]):
            self.client.get("/matched")
        if (body["count"] == body["price"]) == body["same"]:
            self.client.get("/same")
