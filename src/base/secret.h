/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_SECRET_H
#define JT_BASE_SECRET_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The one door for secrets: keys, passwords, token values on their way. Memory from here is locked, kept out of core
 * dumps, guarded, and wiped when freed (libsodium's sodium_malloc). */
struct jt_secret;

/* Once per process, from main, before anything else here: initialises libsodium, makes the process undumpable.
 * JT_INTERNAL if there is no randomness to be had. */
JT_MUST_USE enum jt_result jt_secret_start(void);
/* `size` zero bytes, 1 to 64 KiB, else JT_TOO_LONG. JT_NOMEM if it cannot be had or locked. */
JT_MUST_USE enum jt_result jt_secret_new(size_t size, struct jt_secret **out);
/* A copy of `size` bytes. The caller wipes its own. */
JT_MUST_USE enum jt_result jt_secret_copy(const void *from, size_t size, struct jt_secret **out);
/* Wipes and frees; sets *s to NULL. NULL and a pointer to NULL are taken. */
void jt_secret_free(struct jt_secret **s);
uint8_t *jt_secret_bytes(struct jt_secret *s);
const uint8_t *jt_secret_view(const struct jt_secret *s);
size_t jt_secret_size(const struct jt_secret *s);
/* In constant time for equal sizes; sizes themselves are not secret. */
bool jt_secret_equal(const void *a, size_t a_size, const void *b, size_t b_size);
/* Overwrites memory that was not from here, in a way the compiler cannot drop. */
void jt_secret_wipe(void *at, size_t size);
/* Fills `at` from the system's random source (never fails once jt_secret_start succeeded). */
void jt_secret_random(void *at, size_t size);

#endif
