/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_TOKEN_CURSOR_H
#define JT_API_TOKEN_CURSOR_H

#include "store/token_list.h"

/* Where a list of tokens goes on, as the bytes of `after`: the order, how many that fit are still to be passed over, the place. */

#define JT_TOKEN_CURSOR_MAX (1 + 4 + JT_ID_SIZE + 8 + JT_LABEL_SIZE - 1)

/* Returns how many bytes of `out` it is. `skip` is at most 2^32 - 1. */
size_t jt_token_cursor_write(
	enum jt_token_sort order, const struct jt_token_place *place, uint64_t skip, uint8_t out[JT_TOKEN_CURSOR_MAX]);
/* JT_MALFORMED: not what was written for this order. */
JT_MUST_USE enum jt_result jt_token_cursor_read(
	const void *bytes, size_t size, enum jt_token_sort order, struct jt_token_place *place, uint64_t *skip);

#endif
