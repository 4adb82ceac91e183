from locust import HttpUser, events, task

@events.init_command_line_parser.add_listener
def _(parser):
    parser.add_argument("--tenant", type=str, env_var="LOCUST_TENANT", default="acme", help="Which tenant")
    parser.add_argument("--batch-size", type=int, default=25)
    parser.add_argument("--region", "-g", default="eu")

class TenantUser(HttpUser):
    def wait_time(self):
        return 3

    @task
    def load(self):
        tenant = self.environment.parsed_options.tenant
        size = self.environment.parsed_options.batch_size
        self.client.get(f"/t/{tenant}/items", params={"limit": size})

    @task
    def export(self):
        self.client.get(f"/r/{self.environment.parsed_options.region}")
        self.client.get("/t/" + self.environment.parsed_options.tenant + "/export.csv", name="export")
