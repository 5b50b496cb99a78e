/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_CUT_H
#define JT_API_CUT_H

#include "http/call.h"

/* The caller's teams if its answers are to be cut down to them: true and a new array (to be freed) if the op's scope is held
 * only partly at org level; false if in full. They are those that `tx` shows, as of which the caller was admitted. */
JT_MUST_USE enum jt_result jt_api_cut(
	struct jt_call *c, struct jt_tx *tx, bool *cut, struct jt_id **teams, size_t *count);

#endif
