from __future__ import annotations

import csv
import itertools
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

import requests
from locust import FastHttpUser, constant_pacing, events, run_single_user, tag, task
from locust.env import Environment

HERE = Path(__file__).resolve().parent


@dataclass
class Credentials:
    username: str
    password: str
    roles: list[str] = field(default_factory=list)

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles


def load_credentials() -> list[Credentials]:
    with (HERE / "users.csv").open(newline="") as handle:
        return [Credentials(row["username"], row["password"]) for row in csv.DictReader(handle)]


CREDENTIALS: Iterator[Credentials] = itertools.cycle(load_credentials())


@events.init_command_line_parser.add_listener
def add_arguments(parser):
    parser.add_argument("--tenant", type=str, env_var="LOCUST_TENANT", default="acme", help="tenant")
    parser.add_argument("--page-size", type=int, default=25)


@events.test_start.add_listener
def warm_up(environment: Environment, **kwargs: Any) -> None:
    requests.get(f"{environment.host}/health", timeout=5)


class ApiClient:
    """The endpoints of the service."""

    def __init__(self, client, tenant: str):
        self.client = client
        self.tenant = tenant

    def url(self, *parts: Any) -> str:
        return "/".join(["", self.tenant, *map(str, parts)])

    def list_tickets(self, page: int = 1, size: int = 25, **filters: Any) -> list[dict]:
        with self.client.get(
            self.url("tickets"), params={"page": page, "size": size, **filters}, name="/[tenant]/tickets", catch_response=True
        ) as response:
            if response.js is None:
                response.failure("no JSON")
                return []
            return response.js.get("items", [])

    def comment(self, ticket: int, text: str) -> None:
        self.client.post(self.url("tickets", ticket, "comments"), json={"text": text}, name="/[tenant]/tickets/[id]/comments")


class Agent(FastHttpUser):
    wait_time = constant_pacing(3)
    connection_timeout = 10.0

    def on_start(self) -> None:
        options = self.environment.parsed_options
        self.credentials = next(CREDENTIALS)
        self.api = ApiClient(self.client, options.tenant)
        self.page_size = options.page_size
        self.client.post("/login", json={"user": self.credentials.username, "password": self.credentials.password})

    @tag("read")
    @task(5)
    def triage(self) -> None:
        tickets = self.api.list_tickets(size=self.page_size, state="open")
        for ticket in tickets[:3]:
            if ticket.get("tag") == "new" and not self.credentials.is_admin:
                self.api.comment(ticket["id"], f"Hello from {self.credentials.username!r}")

    @tag("write")
    @task
    def create(self) -> None:
        with self.rest("POST", self.api.url("tickets"), json={"title": random.choice(["Printer", "VPN"]), "priority": 1}) as resp:
            if resp.js and resp.js["status"] != "done":
                resp.failure(f"unexpected state {resp.js['status']}")


if __name__ == "__main__":
    run_single_user(Agent)
