import random
import datetime
from locust import HttpUser, task, between

CATEGORIES = {"shoes": 3, "hats": 1, "coats": 2}
WORDS = ["alpha", "beta", "gamma", "delta"]
LOOKUP = {word.upper(): len(word) for word in WORDS}


class Comprehending(HttpUser):
    wait_time = between(1, 2)

    @task
    def cart(self):
        items = [{"sku": f"SKU-{i:04d}", "qty": random.randint(1, 3)} for i in range(random.randint(1, 5))]
        total = sum(item["qty"] for item in items)
        even = [item for item in items if item["qty"] % 2 == 0]
        self.client.post("/cart/bulk", json={"items": items, "count": total, "even": len(even)})

    @task
    def categories(self):
        for name, pages in CATEGORIES.items():
            for page in range(1, pages + 1):
                self.client.get(f"/category/{name}", params={"page": page})

    @task
    def words(self):
        phrase = " ".join(random.sample(WORDS, 2)).title() if random.random() < 0.5 else WORDS[-1]
        today = datetime.datetime.now().strftime("%Y-%m-%d")
        self.client.get("/search", params={"q": phrase, "since": today, "n": LOOKUP.get("ALPHA", 0)})

    @task
    def ids(self):
        results = [self.client.get(f"/item/{i}").json()["name"] for i in random.sample(range(100), 3)]
        if any(name == "" for name in results) or not all(results):
            print("an item without a name")
        for position, name in enumerate(results):
            self.client.get("/rank/%s" % name, params={"position": position})
