# SPDX-License-Identifier: Apache-2.0
"""The reference journey for Locust: BENCH_JOURNEYS of them by BENCH_AT_ONCE users, a cookie jar and a connection for each."""
import itertools
import os
import re

from locust import FastHttpUser, constant, task
from locust.exception import StopUser

journeys, users = int(os.environ["BENCH_JOURNEYS"]), int(os.environ["BENCH_AT_ONCE"])
numbers = itertools.count(1)


class Shopper(FastHttpUser):
    wait_time = constant(0)
    insecure = False

    def ask(self, method, path, status, **rest):
        with self.client.request(method, path, catch_response=True, **rest) as answer:
            if answer.status_code != status:
                answer.failure(f"status {answer.status_code}")
            return answer.text

    @task
    def walk(self):
        number = next(numbers)
        if number == journeys + users:  # each user comes here once more; the last ends Locust
            self.environment.runner.quit()
        if number > journeys:
            raise StopUser()
        self.client.cookiejar.clear()
        page = self.ask("GET", "/login", 200)
        token = re.search('name="csrf_token" value="([^"]+)"', page).group(1)
        self.ask("POST", "/session", 200, data={"email": "shopper@example.com", "password": "benchmark", "csrf_token": token})
        self.ask("GET", "/api/products/42", 200)
        self.ask("POST", "/api/cart", 201, json={"sku": "MUG-42", "quantity": 1})
        self.ask("GET", "/api/cart", 200)
        self.ask("POST", "/api/checkout", 201, json={"mode": "test"}, headers={"Connection": "close"})
