/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_META_H
#define JT_STORE_META_H

#include "db/db.h"

/* The deployment's own facts: small texts by name. */
#define JT_META_STORE_ID "store_id"                 /* random, made by init */
#define JT_META_BRAND "brand"                       /* of token values */
#define JT_META_KEY "key_fingerprint"               /* of the key file that this database belongs to */
#define JT_META_CATALOGUE "catalogue"               /* the path it was last served with; "" : the one compiled in */
#define JT_META_CATALOGUE_DIGEST "catalogue_digest" /* of its canonical text */
#define JT_META_PERSONAL_VALUE "personal_value"     /* "sealed" or "once" */

#define JT_META_VALUE_MAX 512

/* JT_NOT_FOUND; JT_TOO_LONG if `size` bytes do not hold the value and its terminator. */
JT_MUST_USE enum jt_result jt_meta_get(struct jt_db *db, const char *key, char *out, size_t size);
JT_MUST_USE enum jt_result jt_meta_set(struct jt_db *db, const char *key, const char *value);

#endif
