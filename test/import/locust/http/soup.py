from locust import HttpUser, task, between
from bs4 import BeautifulSoup


class Browser(HttpUser):
    wait_time = between(1, 2)

    def on_start(self):
        soup = BeautifulSoup(self.client.get("/login").text, "html.parser")
        token = soup.find("input", {"name": "csrf_token"})["value"]
        self.client.post("/login", {"csrf_token": token})

    @task
    def browse(self):
        r = self.client.get("/catalogue")
        page = BeautifulSoup(r.content, "lxml")
        form = page.find("form", method="post", id=False)
        missing = page.find(id="missing")
        if missing:
            print(missing.text)
        if form and form.find(attrs={"name": "user"}):
            print(form.get("action"), form.find("input").get("value", "none"))
        for link in page.find_all("a", href=True):
            self.client.get(link["href"], name="/p/[id]")
        first = page.select("a")[0]
        print(first.get_text(strip=True), page.select_one("form input")["name"])
        print([buy.get("href") for buy in page.find_all("a", class_="buy")])

    @task
    def checked(self):
        r = self.client.get("/form")
        if r.status_code != 200:
            return
        soup = BeautifulSoup(r.text, features="html.parser")
        self.client.post("/form", data={"user": soup.find("input", {"name": "user"}).get("value")})
