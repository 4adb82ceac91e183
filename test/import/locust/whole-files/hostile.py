# `code` in names and strings: ${process.exit(1)} */ // \u2028
from locust import HttpUser, task

X = "'; process.exit(1); '` ${process.exit(2)} \u2028 </script>"
EVIL = {"__proto__": {"a": 1}, "constructor": 2, "a-b": 3, "": 4}

class Ünïcode(HttpUser):
    host = "http://127.0.0.1:1"
    """*/ process.exit(1) /*"""

    @task
    def constructor(self):
        """*/ process.exit(3) /* doc"""
        # */ process.exit(4)
        self.client.get(f"/a`${{x}}/{X}", json=EVIL, name="`${process.exit(5)}`")

    @task
    def __proto__(self):
        self.client.post("/\n'\"", data="\x00\x1b[31m", headers={"x": X})

    @task
    def delete(self):
        weird_call("*/ \n process.exit(6)")
