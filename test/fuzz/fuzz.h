/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_FUZZ_H
#define JT_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What each fuzz_NAME.c defines, for libFuzzer and for replay.c: looks at `size` bytes that may be anything, and aborts if
 * a promise is broken. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
