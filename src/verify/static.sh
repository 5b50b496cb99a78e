#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# static.sh OUT DIR ASK ARCHIVE...: libjeton.a as one object, in which everything but what jeton.h exports is local, so that
# it collides with nothing in the program that it is linked into.
set -eu
out=$1 dir=$2 ask=$3
shift 3
mkdir -p "$dir"
ld -r -o "$dir/jeton.o" --whole-archive "$ask" --no-whole-archive --start-group "$@" --end-group
objcopy --localize-hidden "$dir/jeton.o"
rm -f "$out"
ar rcs "$out" "$dir/jeton.o"
