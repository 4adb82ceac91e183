from locust import HttpUser, task, between
from lxml import html
import feedparser


class Reader(HttpUser):
    wait_time = between(1, 2)

    def on_start(self):
        tree = html.fromstring(self.client.get("/login").text)
        token = tree.xpath("//input")[0]
        self.client.post("/login", {"token": token, "page": html.parse(self.client.get("/other").content)})

    def fetch(self, path):
        return self.client.get(path)

    @task
    def feeds(self):
        feeds = [feedparser.parse(self.client.get(f"/feed/{i}").text) for i in range(3)]
        if feedparser.parse(self.client.get("/rss").text).bozo:
            return
        feedparser.parse(self.fetch("/helper").text)
        for entry in feedparser.parse(self.client.get("/entries").text).entries:
            print(entry)
        assert feedparser.parse(self.client.get("/checked").text).ok
        return feedparser.parse(self.client.get("/returned").text)
