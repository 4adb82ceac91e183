import io
import os

from locust import HttpUser, task, between

QUERY = """
query Product($id: ID!) {
  product(id: $id) { name price }
}
"""

MUTATION = "mutation Rate($id: ID!, $stars: Int!) { rate(id: $id, stars: $stars) { id } }"


class GraphUser(HttpUser):
    wait_time = between(1, 2)

    def on_start(self):
        self.client.verify = False
        self.client.headers["X-Client"] = "locust"

    def query(self, document, **variables):
        return self.client.post("/graphql", json={"query": document, "variables": variables}, name="/graphql")

    @task
    def product(self):
        response = self.client.post("/graphql", json={"query": QUERY, "variables": {"id": 7}})
        name = response.json()["data"]["name"]
        self.client.post("/graphql", json={"query": MUTATION, "variables": {"id": 7, "stars": len(name)}}, name="rate")

    @task
    def upload(self):
        files = {"photo": ("photo.csv", open("users.csv", "rb"), "text/csv"), "note": ("note.txt", "a note")}
        self.client.post("/photos", data={"title": "Holiday"}, files=files)

    @task
    def many(self):
        with open("users.csv", "rb") as first:
            self.client.post("/batch", files=[("files", ("a.csv", first)), ("files", ("b.txt", io.BytesIO(b"text"), "text/plain"))])

    @task
    def proxied(self):
        self.client.get("/inside", cert=("client.pem", "client.key"), verify=os.environ.get("CA", "ca.pem"))
