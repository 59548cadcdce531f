"""A worker process that knows the fake tools."""

from agent import worker
from tests.fakes.tools import FAKES
from tools import catalogue

if __name__ == "__main__":
    catalogue().update(FAKES)
    worker.main()
