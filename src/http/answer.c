/* SPDX-License-Identifier: Apache-2.0 */
#include "http/answer.h"

#include "base/clock.h"
#include "http/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_SECONDS 2
#define RETRY_SECONDS_TOO_MANY 30

static int write_json(const char *bytes, size_t size, void *buf)
{
	return jt_buf_add(buf, bytes, size) == JT_OK ? 0 : -1;
}

static void put_text(struct jt_buf *out, const char *text)
{
	json_t *value = json_string(text);

	if (!value || json_dump_callback(value, write_json, out, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		out->failed = true;
	json_decref(value);
}

enum jt_result jt_answer_render(const struct jt_call *c, struct jt_buf *out)
{
	if (c->raw) {
		jt_buf_put(out, c->raw, c->raw_size);
		return jt_buf_check(out);
	}
	if (jt_answer_status(c) == 204 || jt_answer_status(c) == 304)
		return JT_OK;
	jt_buf_put_text(out, "{\"ok\":true");
	if (c->answer) {
		jt_buf_put_text(out, ",\"response\":");
		if (json_dump_callback(c->answer, write_json, out, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
			return JT_NOMEM;
	}
	if (c->next_page) {
		jt_buf_put_text(out, ",\"next_page\":");
		put_text(out, c->next_page);
	}
	jt_buf_put_text(out, "}");
	return jt_buf_check(out);
}

int jt_answer_status(const struct jt_call *c)
{
	return c->status ? c->status : 200;
}

static void add(struct jt_answer *a, const char *name, const char *value)
{
	if (a->headers < JT_ANSWER_HEADERS_MAX) {
		a->header[a->headers].name = name;
		a->header[a->headers].value = value;
		a->headers++;
	}
}

/* Results that only the inside tells apart have one name outside. */
static enum jt_result outside(enum jt_result result)
{
	switch (result) {
	case JT_TOO_LONG:
	case JT_TRUNCATED:
	case JT_MALFORMED:
		return JT_BAD_REQUEST;
	case JT_IO:
	case JT_LOCKED:
	case JT_NEWER_SCHEMA:
	case JT_WRONG_KEY:
	case JT_OK:
	case JT_DONE:
		return JT_INTERNAL;
	default:
		return result;
	}
}

static void put_error(struct jt_buf *out, enum jt_result result, const struct jt_why *why, bool with_status)
{
	const char *message = why && why->message[0] ? why->message : jt_result_text(result);
	int status = jt_result_status(result);
	char text[JT_WHY_MESSAGE_MAX + sizeof(why->scope) + 4];

	if (why && why->scope[0] && !strstr(message, why->scope)) {
		(void)snprintf(text, sizeof(text), "%s: %s", message, why->scope);
		message = text;
	}
	jt_buf_printf(out, "{\"ok\":false,\"code\":\"%s\",\"message\":", jt_result_code(result));
	put_text(out, message);
	if (status == 400) {
		jt_buf_put_text(out, ",\"validation_errors\":[");
		for (unsigned i = 0; why && i < why->fields; i++) {
			jt_buf_put_text(out, i > 0 ? "," : "");
			put_text(out, why->field[i]);
		}
		jt_buf_put_text(out, "]");
	}
	if (with_status)
		jt_buf_printf(out, ",\"status\":%d", status);
	jt_buf_put_text(out, "}");
}

/* As `error` of RFC 6749, 5.2, and RFC 6750, 3.1, has it. */
static const char *oauth_error(const struct jt_http_request *r, int status)
{
	if (status == 401)
		return r->presented && !r->basic ? "invalid_token" : "invalid_client";
	if (status == 403)
		return "insufficient_scope";
	if (status == 429 || status == 503)
		return "temporarily_unavailable";
	return status >= 500 ? "server_error" : "invalid_request";
}

/* A text of RFC 6749, 5.2: no quotation mark, no backslash, ASCII. */
static void put_plain(struct jt_buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '"')
			jt_buf_put_text(out, "'");
		else if (*text < 0x20 || *text > 0x7e || *text == '\\')
			jt_buf_put_text(out, "?");
		else
			jt_buf_put(out, text, 1);
	}
}

static void put_oauth_error(struct jt_buf *out, const struct jt_http_request *r, enum jt_result result)
{
	const struct jt_why *why = &r->call.why;
	const char *text = why->fields > 0 ? why->field[0] : why->message[0] ? why->message : jt_result_text(result);

	jt_buf_printf(out, "{\"error\":\"%s\",\"error_description\":\"", oauth_error(r, jt_result_status(result)));
	put_plain(out, text);
	jt_buf_put_text(out, "\"}");
}

/* RFC 6750, section 3: without a credential no error is named; a 403 names the scope. */
static void challenge(struct jt_http_request *r, enum jt_result result, int status, struct jt_answer *out)
{
	const char *scope = r->call.why.scope;

	if (r->basic)
		(void)snprintf(out->challenge, sizeof(out->challenge), "Basic realm=\"jeton\", charset=\"UTF-8\"");
	else if (status == 403 && result == JT_MISSING_SCOPE && scope[0])
		(void)snprintf(out->challenge, sizeof(out->challenge),
			"Bearer realm=\"jeton\", error=\"insufficient_scope\", scope=\"%s\"", scope);
	else if (status == 403)
		(void)snprintf(
			out->challenge, sizeof(out->challenge), "Bearer realm=\"jeton\", error=\"insufficient_scope\"");
	else
		(void)snprintf(out->challenge, sizeof(out->challenge), "Bearer realm=\"jeton\"%s",
			r->presented ? ", error=\"invalid_token\"" : "");
	add(out, "WWW-Authenticate", out->challenge);
	if (!r->presented && r->match.op && (r->match.op->flags & JT_OP_BASIC))
		add(out, "WWW-Authenticate", "Basic realm=\"jeton\", charset=\"UTF-8\"");
}

static void error_headers(struct jt_http_request *r, enum jt_result result, struct jt_answer *out)
{
	int status = out->status;
	unsigned wait = r->call.why.retry_after_s;

	if (status == 401 || status == 403)
		challenge(r, result, status, out);
	if (status == 405)
		add(out, "Allow", r->match.allow);
	if (status == 429 || status == 503) {
		if (wait == 0)
			wait = status == 429 ? RETRY_SECONDS_TOO_MANY : RETRY_SECONDS;
		(void)snprintf(out->retry_after, sizeof(out->retry_after), "%u", wait);
		add(out, "Retry-After", out->retry_after);
	}
}

/* Gives the buffer's memory away. */
static enum jt_result take(struct jt_buf *from, struct jt_answer *out)
{
	if (jt_buf_check(from) != JT_OK) {
		jt_buf_free(from);
		return JT_NOMEM;
	}
	out->body = (char *)from->data;
	out->size = from->size;
	return JT_OK;
}

static enum jt_result make_error(struct jt_http_request *r, struct jt_answer *out)
{
	enum jt_result result = outside(r->result);
	struct jt_buf body = {0};
	const struct jt_op *op = r->match.op ? r->match.op : r->match.near;
	unsigned flags = op ? op->flags : 0;

	out->status = jt_result_status(result);
	if (flags & JT_OP_OAUTH)
		put_oauth_error(&body, r, result);
	else
		put_error(&body, result, &r->call.why,
			(out->status == 409 && (flags & JT_OP_STATUS_409)) ||
				(out->status == 404 && (flags & JT_OP_STATUS_404)));
	add(out, "Content-Type", "application/json");
	error_headers(r, result, out);
	return take(&body, out);
}

static enum jt_result make_success(struct jt_http_request *r, struct jt_answer *out)
{
	struct jt_buf body = {0};
	enum jt_result result;

	if (r->kept) {
		out->status = r->kept_status;
		out->body = r->kept;
		out->size = r->kept_size;
		r->kept = NULL;
	} else if (r->call.stream) {
		out->status = jt_answer_status(&r->call);
		out->stream = r->call.stream;
		r->call.stream = NULL;
	} else {
		out->status = jt_answer_status(&r->call);
		result = jt_answer_render(&r->call, &body);
		if (result == JT_OK)
			result = take(&body, out);
		else
			jt_buf_free(&body);
		if (result != JT_OK)
			return result;
	}
	if (out->status != 204 && out->status != 304)
		add(out, "Content-Type", r->call.raw || out->stream ? r->call.raw_type : "application/json");
	if (r->ignored[0])
		add(out, "Jeton-Ignored-Fields", r->ignored);
	if (r->match.op && (r->match.op->flags & JT_OP_WRITE)) {
		(void)snprintf(r->seq_text, sizeof(r->seq_text), "%" PRIu64, r->seq);
		add(out, "X-Jeton-Seq", r->seq_text);
	}
	return JT_OK;
}

enum jt_result jt_answer_make(struct jt_http_request *r, struct jt_answer *out)
{
	enum jt_result result = JT_OK;

	out->headers = 0;
	out->body = NULL;
	out->size = 0;
	out->stream = NULL;
	out->secret = r->match.op && (r->match.op->flags & JT_OP_SECRET);
	add(out, "Date", jt_http_date(jt_clock_s()));
	add(out, "X-Request-Id", r->call.who.request);
	add(out, "X-Content-Type-Options", "nosniff");
	add(out, "Cache-Control", r->result == JT_OK && r->call.cache ? r->call.cache : "no-store");
	if (r->close)
		add(out, "Connection", "close");
	if (r->match.op && (r->match.op->flags & JT_OP_VERIFIES)) {
		(void)snprintf(r->as_of_text, sizeof(r->as_of_text), "%" PRIu64, r->call.as_of);
		add(out, "X-Jeton-As-Of", r->as_of_text);
	}
	for (unsigned i = 0; i < r->call.headers; i++)
		add(out, r->call.header[i].name, r->call.header[i].value);
	if (r->result == JT_OK) {
		result = make_success(r, out);
		if (result == JT_OK)
			return JT_OK;
		jt_request_refuse(r, result, NULL);
	}
	result = make_error(r, out);
	if (result != JT_OK)
		out->status = 503;
	return result;
}

char *jt_answer_error(enum jt_result result, const char *message)
{
	struct jt_why why = {0};
	struct jt_buf out = {0};

	if (message)
		(void)snprintf(why.message, sizeof(why.message), "%s", message);
	put_error(&out, result, &why, false);
	if (jt_buf_check(&out) != JT_OK || !jt_buf_text(&out)) {
		jt_buf_free(&out);
		return NULL;
	}
	return (char *)out.data;
}
