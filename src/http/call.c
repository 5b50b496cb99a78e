/* SPDX-License-Identifier: Apache-2.0 */
#include "http/call.h"

#include "base/clock.h"

#include "base/text.h"
#include "http/inside.h"
#include "authority/usage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_A_MINUTE 60

const char *jt_call_path(const struct jt_call *c, const char *name)
{
	const struct jt_http_request *r = c->http;

	for (unsigned i = 0; i < r->match.args; i++) {
		if (strcmp(r->match.arg[i].name, name) == 0)
			return r->match.arg[i].value;
	}
	return NULL;
}

enum jt_result jt_call_path_id(const struct jt_call *c, const char *name, struct jt_id *out)
{
	const char *text = jt_call_path(c, name);

	memset(out, 0, sizeof(*out));
	if (!text || jt_id_parse(text, strlen(text), out) != JT_OK || jt_id_is_none(out))
		return JT_NOT_FOUND;
	return JT_OK;
}

const char *jt_call_query(const struct jt_call *c, const char *name)
{
	return jt_target_query(&c->http->target, name);
}

bool jt_call_query_true(const struct jt_call *c, const char *name)
{
	const char *text = jt_call_query(c, name);

	return text && strcmp(text, "true") == 0;
}

enum jt_result jt_call_refuse(struct jt_call *c, enum jt_result result, enum jt_step step)
{
	c->http->reason = jt_step_name(step);
	atomic_fetch_add_explicit(&c->http->server->metrics.by_step[step], 1, memory_order_relaxed);
	return result;
}

enum jt_result jt_call_demand(struct jt_call *c, const char *field, const char *text)
{
	uint64_t wanted = 0;

	if (!text)
		return JT_OK;
	if (jt_text_u64(text, strlen(text), INT64_MAX, &wanted) != JT_OK)
		return jt_why_field(&c->why, field, "is not a number");
	if (wanted > c->as_of) /* a form comes later than what its caller was judged by */
		c->as_of = jt_table_watermark(jt_authority_table(c->au));
	return wanted > c->as_of ? jt_call_refuse(c, JT_BEHIND, JT_STEP_BEHIND) : JT_OK;
}

void jt_call_header(struct jt_call *c, const char *name, const char *value)
{
	assert(c->headers < JT_CALL_HEADERS_MAX);
	c->header[c->headers++] = (struct jt_pair){name, value};
}

static json_t *field(const struct jt_call *c, const char *name)
{
	return c->body ? json_object_get(c->body, name) : NULL;
}

const char *jt_call_text(const struct jt_call *c, const char *name)
{
	return json_string_value(field(c, name));
}

bool jt_call_int(const struct jt_call *c, const char *name, int64_t *out)
{
	json_t *value = field(c, name);

	if (!json_is_integer(value))
		return false;
	*out = json_integer_value(value);
	return true;
}

bool jt_call_bool(const struct jt_call *c, const char *name, bool *out)
{
	json_t *value = field(c, name);

	if (!json_is_boolean(value))
		return false;
	*out = json_is_true(value);
	return true;
}

bool jt_call_id(const struct jt_call *c, const char *name, struct jt_id *out)
{
	json_t *value = field(c, name);

	return json_is_string(value) && jt_id_parse(json_string_value(value), json_string_length(value), out) == JT_OK;
}

json_t *jt_call_list(const struct jt_call *c, const char *name)
{
	json_t *value = field(c, name);

	return json_is_array(value) ? value : NULL;
}

enum jt_result jt_call_answer(struct jt_call *c, json_t *answer)
{
	json_decref(c->answer);
	c->answer = answer;
	return answer ? JT_OK : JT_NOMEM;
}

enum jt_result jt_call_answer_raw(struct jt_call *c, char *text, size_t size, const char *type)
{
	free(c->raw);
	c->raw = text;
	c->raw_size = size;
	c->raw_type = type;
	return text ? JT_OK : JT_NOMEM;
}

enum jt_result jt_call_answer_stream(struct jt_call *c, struct jt_stream *stream, const char *type)
{
	if (c->stream)
		c->stream->end(c->stream);
	c->stream = stream;
	c->raw_type = type;
	return stream ? JT_OK : JT_NOMEM;
}

void jt_call_used(struct jt_call *c, const struct jt_caller *who, const struct jt_scopes *exercised)
{
	static const struct jt_address nowhere;
	struct jt_usage *usage = jt_authority_usage(c->au);

	if (usage && who->at.token != 0)
		jt_usage_note(usage, &(struct jt_own_use){.instance = who->at.instance,
					     .index = who->at.token,
					     .minute = (uint32_t)(jt_clock_s() / SECONDS_A_MINUTE),
					     .exercised = exercised,
					     .from = who == &c->who.caller ? &c->http->from : &nowhere});
}
