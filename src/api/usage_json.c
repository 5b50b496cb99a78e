/* SPDX-License-Identifier: Apache-2.0 */
#include "api/usage_json.h"

#include "api/role_json.h"
#include "base/clock.h"

json_t *jt_json_day(int64_t day)
{
	char text[JT_TIME_TEXT_SIZE];
	const size_t size = sizeof("2026-11-25") - 1;

	return json_stringn(jt_time_text(day * JT_TRACE_DAY_S, text), size);
}

/* All of the days, also those without a use: what is drawn has no holes. */
static json_t *days_json(const struct jt_trace *t, int64_t today)
{
	json_t *list = json_array();

	for (int64_t day = today - JT_TRACE_DAYS + 1; list && day <= today; day++) {
		if (json_array_append_new(list, json_pack("{s:o, s:I}", "day", jt_json_day(day), "uses",
							(json_int_t)jt_trace_on(t, day))) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static json_t *places_json(const struct jt_trace *t)
{
	json_t *list = json_array();
	char text[JT_ADDRESS_TEXT_SIZE];

	for (unsigned i = 0; list && i < t->places; i++) {
		const struct jt_trace_place *p = &t->place[i];

		if (json_array_append_new(list,
			    json_pack("{s:s, s:o, s:I}", "address", jt_address_text(&p->from, text), "last_used_at",
				    jt_json_time_s(p->last_used_s), "uses", (json_int_t)p->uses)) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

json_t *jt_json_used(const struct jt_policy *p, const struct jt_token_used *used, int64_t now_s)
{
	json_t *o = json_pack("{s:I, s:o, s:o, s:o}", "count", (json_int_t)used->uses, "scopes_used",
		jt_json_scopes(p, &used->exercised), "days", days_json(&used->trace, now_s / JT_TRACE_DAY_S), "places",
		places_json(&used->trace));

	if (o && used->last_used_s && json_object_set_new(o, "last_used_at", jt_json_time_s(used->last_used_s)) != 0) {
		json_decref(o);
		o = NULL;
	}
	return o;
}
