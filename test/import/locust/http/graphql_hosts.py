from locust import HttpUser, task, between

QUERY = """
query Product($id: ID!) {
  product(id: $id) { name price }
}
"""

class GraphQl(HttpUser):
    host = "https://api.example.com"
    wait_time = between(1, 2)

    def query(self, name, query, **variables):
        return self.client.post("/graphql", json={"query": query, "variables": variables}, name=name)

    def graphql(self, name, variables):
        with self.client.post("/graphql", json={"query": QUERY, "variables": variables}, name=f"/graphql {name}", catch_response=True) as response:
            body = response.json()
            if body.get("errors"):
                response.failure(body["errors"][0]["message"])
            return body.get("data")

    @task
    def product(self):
        self.graphql("product", {"id": "42"})


class Cdn(HttpUser):
    host = "https://cdn.example.com"

    @task
    def logo(self):
        self.client.get("/logo.svg", headers={"Accept": "image/svg+xml"}, allow_redirects=False)
