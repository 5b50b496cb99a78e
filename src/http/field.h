/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_FIELD_H
#define JT_HTTP_FIELD_H

#include "http/body.h"

/* Is `text` (`length` bytes) of a textual type (TEXT, NAME, SECRET, EMAIL, APP, ID) with min..max characters? NULL if so,
 * else what is wrong with it, for people; static or in `room`. */
#define JT_FIELD_ROOM 80
const char *jt_field_text_wrong(
	enum jt_field_type type, int64_t min, int64_t max, const char *text, size_t length, char room[JT_FIELD_ROOM]);

#endif
