"""M/M/c in SimPy, as its documentation builds a queue: a process for each request and a resource with c places.

Prints one line of JSON: how much CPU time the simulation took, and what requests waited for a server on average.
"""

import json
import platform
import random
import sys
import time
from importlib.metadata import version

import simpy


def arrivals(env, rng, servers, asked, waited):
    for _ in range(asked["requests"]):
        yield env.timeout(rng.expovariate(asked["arrivalRate"]))
        env.process(request(env, rng, servers, asked["serviceTime"], waited))


def request(env, rng, servers, service_time, waited):
    came = env.now
    with servers.request() as turn:
        yield turn
        waited[0] += env.now - came
        yield env.timeout(rng.expovariate(1 / service_time))


def main():
    asked = json.loads(sys.argv[1])
    rng = random.Random(asked["seed"])
    waited = [0.0]
    begin = time.process_time()
    env = simpy.Environment()
    servers = simpy.Resource(env, capacity=asked["servers"])
    env.process(arrivals(env, rng, servers, asked, waited))
    env.run()
    seconds = time.process_time() - begin
    print(
        json.dumps(
            {
                "seconds": seconds,
                "meanWait": waited[0] / asked["requests"],
                "versions": f"SimPy {version('simpy')}, Python {platform.python_version()}",
            }
        )
    )


main()
