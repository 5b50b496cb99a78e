# SPDX-License-Identifier: Apache-2.0
"""Goal: zero_window.c's promise holds over many changes and verifications, and the test would notice if it did not: with the
promise broken on purpose it fails. Prints TAP; the program is the first argument.

JETON_ZERO_CHANGES, JETON_ZERO_VERIFICATIONS: how many (20,000 and 10,000,000). JETON_SEED: where the random numbers start."""

import os
import subprocess
import sys

PROGRAM = sys.argv[1]
CHANGES = os.environ.get("JETON_ZERO_CHANGES", "20000")
VERIFICATIONS = os.environ.get("JETON_ZERO_VERIFICATIONS", "10000000")
SEED = os.environ.get("JETON_SEED", "1")
FEW = ["--changes", "1000", "--verifications", "300000"]
CASES = [
	("nothing is accepted that was taken away", ["--changes", CHANGES, "--verifications", VERIFICATIONS], 0),
	("nor in the writer's own process", ["--threads", *FEW], 0),
	("a mark before the store is noticed", ["--break", "early", *FEW], 1),
	("an old file that is not retired is noticed", ["--break", "retire", *FEW], 1),
	("a refusal of what stands is noticed", ["--break", "poison", *FEW], 1),
]


def main():
	failed = False
	print("1..%d" % len(CASES))
	for number, (name, arguments, wanted) in enumerate(CASES, 1):
		done = subprocess.run([PROGRAM, "--seed", SEED, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
			text=True, check=False)
		right = done.returncode == wanted
		failed = failed or not right
		print("%s %d - %s" % ("ok" if right else "not ok", number, name))
		for line in (done.stdout if wanted == 0 or not right else done.stdout[-300:]).splitlines():
			print("# " + line)
		if not right:
			print("# exit %d\n# %s" % (done.returncode, done.stderr[-2000:].replace("\n", "\n# ")))
		sys.stdout.flush()
	return failed


if __name__ == "__main__":
	sys.exit(main())
