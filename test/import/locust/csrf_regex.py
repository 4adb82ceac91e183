import re
import random
from locust import HttpUser, task, between, tag
from bs4 import BeautifulSoup


class Browser(HttpUser):
    wait_time = between(2, 4)

    def on_start(self):
        response = self.client.get("/login")
        csrf_token = re.search(r'name="csrf_token" value="([^"]+)"', response.text).group(1)
        self.client.post("/login", {"csrf_token": csrf_token, "username": "ann"}, headers={"Referer": self.host + "/login"})

    @task(2)
    def links(self):
        response = self.client.get("/")
        links = re.findall(r'href="(/p/\d+)"', response.text)
        if links:
            self.client.get(random.choice(links), name="/p/[id]")

    @task
    def soup(self):
        r = self.client.get("/form")
        soup = BeautifulSoup(r.text, "html.parser")
        token = soup.find("input", {"name": "csrf_token"})["value"]
        self.client.post("/form", data={"token": token})
