/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_VOCABULARY_H
#define JT_AUTHORITY_VOCABULARY_H

#include "authority/tx.h"
#include "policy/policy.h"

/* The catalogue beside the database: which bits its scopes have, and whether it has all that is in use. */

/* Reads a catalogue; `path` NULL or "": the one compiled in. `why` says file, line and reason. */
JT_MUST_USE enum jt_result jt_vocabulary_load(const char *path, struct jt_policy **out, struct jt_why *why);
/* Gives each scope the bit that it has in the database, or a new one that no scope ever had, and notes the catalogue's
 * digest. In a write transaction. JT_CONFLICT if the bits are used up. */
JT_MUST_USE enum jt_result jt_vocabulary_assign(struct jt_db *db, struct jt_policy *p, struct jt_why *why);
/* JT_CONFLICT, with a list of who uses what, if the catalogue lacks a scope or a managed role that is in use. */
JT_MUST_USE enum jt_result jt_vocabulary_covers(struct jt_db *db, const struct jt_policy *p, struct jt_why *why);

#endif
