"""`python -m sendable` is `sendable`."""

from sendable.cli import main

if __name__ == "__main__":
    main()
