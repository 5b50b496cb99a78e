/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "http/call.h"

json_t *jt_json_id(const struct jt_id *id)
{
	char text[JT_ID_TEXT_SIZE];

	return json_string_nocheck(jt_id_text(id, text));
}

json_t *jt_json_time_s(int64_t seconds)
{
	char text[JT_TIME_TEXT_SIZE];

	return json_string_nocheck(jt_time_text(seconds, text));
}

json_t *jt_json_time_ns(int64_t ns)
{
	return json_integer(ns);
}

enum jt_result jt_json_set(json_t *object, const char *key, json_t *value, enum jt_absent absent)
{
	if (!value)
		return absent == JT_ABSENT_OK ? JT_OK : JT_NOMEM;
	return json_object_set_new_nocheck(object, key, value) == 0 ? JT_OK : JT_NOMEM;
}
