"""infra/chaos hands over to this program once PostgreSQL, the broker, schemas and topics are there."""

import argparse
import sys

import campaign
import mutants
from suite import Suite


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/chaos")
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--households", type=int, default=2000)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--prove", action="store_true")
    parser.add_argument("--mutant", choices=sorted(mutants.SCENARIOS))
    parser.add_argument("--skip-build", action="store_true", help="heeded by infra/chaos already")
    arguments = parser.parse_args()
    suite = Suite()
    if arguments.prove:
        return 0 if mutants.prove(suite, arguments.seed, arguments.mutant) else 1
    return 0 if campaign.run(suite, arguments) else 1


if __name__ == "__main__":
    sys.exit(main())
