# SPDX-License-Identifier: Apache-2.0
# A front for meson: each target does its own set-up. `make help` lists them.
LISTEN ?= 127.0.0.1:8080
DEMO ?= $(CURDIR)/build/demo
PREFIX ?= /usr/local

.PHONY: help run build test soak bench check fuzz install clean

help:
	@echo "make run      build, and serve a demo org on $(LISTEN) (LISTEN=address:port)"
	@echo "make test     build and run every test"
	@echo "make check    what CI runs: lint, clang, cppcheck, clang-tidy, valgrind, sanitizers, the tests"
	@echo "make soak     the crash and failure tests with larger counts"
	@echo "make bench    measure beside others; writes build/bench.json and doc/bench (JETON_BENCH_SMALL=1: in short, no doc)"
	@echo "make fuzz     every fuzz target for a minute"
	@echo "make install  into PREFIX ($(PREFIX))"

build/release/build.ninja:
	@tools/setup build
	@mkdir -p build
	@meson setup build/release --buildtype release -Dtests=false --prefix $(PREFIX) >build/release.log 2>&1 || \
		{ cat build/release.log; exit 1; }

build: build/release/build.ninja
	@ninja -C build/release --quiet

run:
	@tools/setup build
	@$(MAKE) --no-print-directory build
	@tools/demo build/release/src/cli/jeton $(DEMO) $(LISTEN)

test:
	@tools/setup test
	@tools/test

soak:
	@tools/setup test
	@tools/test --soak

build/bench/build.ninja:
	@mkdir -p build
	@meson setup build/bench --buildtype release -Dtests=false -Dbench=true >build/bench.log 2>&1 || { cat build/bench.log; exit 1; }

bench:
	@tools/setup bench
	@$(MAKE) --no-print-directory build/bench/build.ninja
	@ninja -C build/bench --quiet
	@/usr/bin/python3 test/bench/bench.py build/bench/src/cli/jeton build/bench/test/bench/peers/peers \
		--json build/bench.json --doc doc/bench

check:
	@.ci/run

fuzz:
	@tools/setup check
	@tools/fuzz 60

install: build
	meson install -C build/release --no-rebuild
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || ldconfig # so that libjeton is found

clean:
	rm -rf build
