/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_PASSWORD_H
#define JT_AUTHORITY_PASSWORD_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

/* Argon2id (3 passes over 64 MiB). Takes 60 to 450 ms of a core: on a loop of the server never directly, always in a jt_pool. */

#define JT_PASSWORD_HASH_SIZE 128
#define JT_PASSWORD_MIN 12 /* bytes; the API counts characters */
#define JT_PASSWORD_MAX 1024

/* The text that is stored. JT_NOMEM. */
JT_MUST_USE enum jt_result jt_password_hash(const char *password, size_t length, char out[JT_PASSWORD_HASH_SIZE]);
/* `hash` NULL or "" (no such account, or no password): takes as long as a real one, and is false. */
bool jt_password_matches(const char *hash, const char *password, size_t length);

#endif
