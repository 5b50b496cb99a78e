/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_NOTE_H
#define JT_AUTHORITY_NOTE_H

#include "authority/audit.h"

#include <jansson.h>

/* The audit row of a mutation that succeeded: `detail` is what changed (taken; NULL means memory ran out). */
JT_MUST_USE enum jt_result jt_note(struct jt_tx *tx, const struct jt_actor *who, const char *operation,
	const char *target_type, const char *target, json_t *detail);
/* The same for a target that has an id. */
JT_MUST_USE enum jt_result jt_note_id(struct jt_tx *tx, const struct jt_actor *who, const char *operation,
	const char *target_type, const struct jt_id *target, json_t *detail);

#endif
