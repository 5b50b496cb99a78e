/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_KEY_FILE_H
#define JT_AUTHORITY_KEY_FILE_H

#include "authority/keys.h"

/* For keys.c alone: the master key of a generation, or NULL if the file lacks it. Lives as long as `k`. */
const struct jt_secret *jt_key_of(const struct jt_keys *k, uint32_t gen);
/* The fingerprint of the first `count` generations; `count` 0: of all. */
void jt_keys_fingerprint_of(const struct jt_keys *k, uint32_t count, char out[JT_KEY_FINGERPRINT_SIZE]);

#endif
