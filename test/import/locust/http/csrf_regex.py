import re
import random
from locust import HttpUser, task, between, tag
from bs4 import BeautifulSoup

ITEM_RE = re.compile(r'data-item="([a-z]+)-(\d+)"', re.I | re.S)


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
        item = ITEM_RE.search(response.text)
        kind = item.group(1) if item else "none"
        words = [word for word in re.compile(r"[,;]\s*").split(kind) if re.compile("[a-z]+").fullmatch(word)]
        self.client.get("/items", params={"kind": ITEM_RE.sub("", kind), "words": len(words)})
        if links:
            self.client.get(random.choice(links), name="/p/[id]")

    @task
    def soup(self):
        r = self.client.get("/form")
        soup = BeautifulSoup(r.text, "html.parser")
        token = soup.find("input", {"name": "csrf_token"})["value"]
        self.client.post("/form", data={"token": token})
