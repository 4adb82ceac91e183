from http import HTTPStatus
from typing import Optional, List
from locust import HttpUser, task, between

DEFAULT_HEADERS = {
    "Accept": "application/json",
    "User-Agent": "load-test/1.0",
}


class Client(HttpUser):
    wait_time = between(0.5, 1.5)
    token: Optional[str] = None
    seen: List[int] = []

    def on_start(self) -> None:
        self.client.headers = DEFAULT_HEADERS
        self.client.verify = False
        self.authenticate()

    def authenticate(self, scope: str = "read") -> None:
        response = self.client.post("/oauth/token", data={"grant_type": "client_credentials", "scope": scope}, auth=("id", "secret"))
        assert response.status_code == HTTPStatus.OK, "no token"
        payload = response.json()
        self.token = payload["access_token"]
        self.client.headers["Authorization"] = "Bearer {}".format(self.token)

    def _get(self, path: str, **kwargs):
        return self.client.get(path, **kwargs)

    @task(2)
    def items(self) -> None:
        response = self.client.get("/items", headers={"X-Page": "1"})
        if response.status_code == 401:
            self.authenticate(scope="read write")
            return
        etag = response.headers.get("ETag", "")
        self.client.get("/items", headers={"If-None-Match": etag}, name="/items (cached)")

    @task
    def detail(self) -> None:
        items = self.client.get("/items").json()
        if not items:
            return
        item = items[0]
        self.seen.append(item["id"])
        self.client.patch(f"/items/{item['id']}", json={**item, "seen": True}, params=dict(notify="no"))
        self.client.request("DELETE", f"/items/{item['id']}/tags/{item.get('tag', 'none')}")
