"""`python -m regulars` is the command `regulars`."""

from regulars.ops.cli import main

if __name__ == "__main__":
    main()
