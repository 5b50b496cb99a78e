/* SPDX-License-Identifier: Apache-2.0 */
#include "http/dispatch.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/admit.h"
#include "http/guard.h"
#include "http/inside.h"
#include "http/mhd.h"
#include "http/query.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the header */

static void take_request_id(struct jt_http_request *r)
{
	const char *id = r->head.request_id;

	if (id && jt_request_id_is_fit(id))
		(void)snprintf(r->call.who.request, sizeof(r->call.who.request), "%s", id);
}

static enum jt_result find_operation(struct jt_http_request *r)
{
	enum jt_result result = jt_routes_find(r->server->routes, r->method, r->arg_text, &r->match);
	const struct jt_op *op = r->match.op ? r->match.op : r->match.near;

	if (op && r->wire->narrow && !(op->flags & JT_OP_NARROW)) {
		r->match.op = r->match.near = NULL;
		result = JT_NOT_FOUND;
	}
	r->call.op = r->match.op;
	return result;
}

void jt_dispatch_head(struct jt_http_request *r)
{
	struct jt_address from;

	r->judged = true;
	take_request_id(r);
	if (jt_head_forwarded(&r->head, r->server->trusted_hops, &from)) {
		r->from = from;
		(void)jt_address_text(&from, r->call.who.address);
	}
	if (atomic_load(&r->server->stopping)) {
		r->close = true;
		jt_request_refuse(r, JT_STOPPING, NULL);
	} else if (r->head.result != JT_OK) {
		r->close = true;
		jt_request_refuse(r,
			jt_why_say(&r->call.why, r->head.result, "%s",
				r->head.wrong ? r->head.wrong : jt_result_text(r->head.result)),
			NULL);
	} else if (r->target_result != JT_OK) {
		r->close = r->target_result == JT_BAD_FRAMING || r->target_result == JT_URI_TOO_LONG;
		jt_request_refuse(r, r->target_result, NULL);
	} else {
		jt_request_refuse(r, find_operation(r), NULL);
		if (r->result == JT_OK) {
			enum jt_result result = jt_admit(r);

			jt_request_refuse(r, result, r->reason);
		}
	}
	if (r->result != JT_OK)
		r->discard = true;
}

/* ---- the body */

/* This type, with or without charset=utf-8. */
static bool is_type(const char *type, const char *wanted)
{
	const char *at;

	if (!type || strncasecmp(type, wanted, strlen(wanted)) != 0)
		return false;
	at = type + strlen(wanted);
	at += strspn(at, " \t");
	if (*at == '\0')
		return true;
	if (*at++ != ';')
		return false;
	at += strspn(at, " \t");
	return *at == '\0' || strcasecmp(at, "charset=utf-8") == 0 || strcasecmp(at, "charset=\"utf-8\"") == 0;
}

static enum jt_result read_form(struct jt_http_request *r)
{
	if (!is_type(r->head.content_type, "application/x-www-form-urlencoded"))
		return jt_why_say(&r->call.why, JT_BAD_REQUEST, "the body must be application/x-www-form-urlencoded");
	return jt_form_parse(r->body, r->body_size, &r->call.form, &r->call.why);
}

static enum jt_result read_json(struct jt_http_request *r)
{
	const struct jt_op *op = r->match.op;
	enum jt_unknown unknown = op->flags & JT_OP_STRICT ? JT_UNKNOWN_REFUSED : JT_UNKNOWN_IGNORED;
	enum jt_result result = JT_OK;

	if (r->body_size == 0 && (!op->body || (op->flags & JT_OP_BODY_OPTIONAL))) {
		r->call.body = op->body ? json_object() : NULL;
		return op->body && !r->call.body ? JT_NOMEM : JT_OK;
	}
	if (!op->body)
		return jt_why_field(&r->call.why, "body", "this operation takes none");
	if (r->body_size == 0)
		return jt_why_say(&r->call.why, JT_BAD_JSON, "a JSON body is needed");
	if (!is_type(r->head.content_type, "application/json"))
		return JT_BAD_MEDIA_TYPE;
	result = jt_body_parse(r->body, r->body_size, &r->call.body, &r->call.why);
	if (result == JT_OK)
		result = jt_body_check(r->call.body, op->body, unknown, r->ignored, sizeof(r->ignored), &r->call.why);
	return result;
}

static enum jt_result check_all(struct jt_http_request *r)
{
	const struct jt_op *op = r->match.op;
	enum jt_result result = jt_query_check(op, &r->target, &r->call.why);

	if (result == JT_OK)
		result = jt_idempotency_check(r);
	if (result == JT_OK)
		result = op->flags & JT_OP_OAUTH ? read_form(r) : read_json(r);
	if (result == JT_OK && op->check)
		result = op->check(&r->call);
	if (result == JT_OK && (op->flags & JT_OP_GUARDED))
		result = jt_guard_enter(r);
	return result;
}

/* ---- the operation */

/* A run that may be repeated starts with no answer. */
static void forget_answer(struct jt_call *c)
{
	json_decref(c->answer);
	free(c->next_page);
	free(c->raw);
	c->answer = NULL;
	c->next_page = NULL;
	c->raw = NULL;
	if (c->stream)
		c->stream->end(c->stream);
	c->stream = NULL;
	c->status = 0;
	c->cache = NULL;
	c->headers = 0;
	memset(&c->secret_of, 0, sizeof(c->secret_of));
	memset(&c->why, 0, sizeof(c->why));
}

/* A snapshot, and the caller admitted as of that very state: so that nobody is shown, as what they may see, what they could see
 * neither then nor later. */
static enum jt_result read_as_admitted(struct jt_http_request *r, struct jt_tx *tx)
{
	struct jt_verify *v = jt_authority_verify(r->call.au);
	struct jt_look look = {0};

	for (;;) {
		enum jt_result result = jt_reading_begin(r->call.au, tx);

		if (result == JT_OK && !jt_verify_look(v, &look))
			result = jt_call_refuse(&r->call, JT_STALE, JT_STEP_STALE);
		if (result == JT_OK)
			result = jt_admit_again(r, tx->db);
		if (result != JT_OK || (jt_verify_looked(v, &look) &&
					       jt_table_watermark(jt_authority_table(r->call.au)) == tx->head.seq))
			return result;
		jt_reading_end(tx);
	}
}

static enum jt_result run_reading(struct jt_http_request *r)
{
	struct jt_tx tx = {.au = r->call.au};
	/* The body may have come long after the header. */
	bool plain = (r->match.op->flags & JT_OP_PLAIN) && !r->call.by_session;
	enum jt_result result = plain ? jt_admit_again(r, NULL) : read_as_admitted(r, &tx);

	if (result == JT_OK)
		result = r->match.op->run(&r->call, &tx);
	jt_reading_end(&tx);
	return result;
}

static struct jt_http_request *of_job(struct jt_job *job)
{
	return (struct jt_http_request *)(void *)((char *)job - offsetof(struct jt_http_request, job));
}

/* On the committer. JT_DONE: an earlier answer is given again, and what this run wrote is undone. */
static enum jt_result run_writing(struct jt_job *job, struct jt_tx *tx)
{
	struct jt_http_request *r = of_job(job);
	enum jt_result result;

	forget_answer(&r->call);
	result = jt_admit_again(r, tx->db);
	if (result == JT_OK)
		result = r->match.op->run(&r->call, tx);
	result = jt_idempotency_settle(r, tx, result);
	/* What is told again was shown before this transaction began, whose number is not used if it writes nothing. */
	r->seq = result == JT_OK ? tx->head.seq : tx->head.seq - 1;
	return result;
}

/* Back to the loop. */
static void come_back(struct jt_http_request *r)
{
	jt_idempotency_leave(r);
	jt_guard_leave(r);
	jt_mhd_resume(r->wire);
}

static void written(struct jt_job *job)
{
	struct jt_http_request *r = of_job(job);
	struct jt_server *s = r->server;

	if (job->result != JT_OK && job->result != JT_DONE)
		jt_request_refuse(r, job->result, r->reason);
	come_back(r);
	atomic_fetch_sub(&s->metrics.writing, 1); /* last: the server waits for it before it ends */
}

static enum jt_result submit_job(struct jt_http_request *r)
{
	enum jt_result result;

	r->job.run = run_writing;
	r->job.done = written;
	atomic_fetch_add(&r->server->metrics.writing, 1);
	result = jt_committer_submit(jt_authority_committer(r->call.au), &r->job);
	if (result != JT_OK)
		atomic_fetch_sub(&r->server->metrics.writing, 1);
	return result;
}

/* On the password pool. */
static void run_hash(struct jt_task *task)
{
	struct jt_http_request *r =
		(struct jt_http_request *)(void *)((char *)task - offsetof(struct jt_http_request, task));
	struct jt_server *s = r->server;
	bool gone = false;
	enum jt_result result = r->match.op->hash(&r->call);

	if (result == JT_OK && (r->match.op->flags & JT_OP_WRITE)) {
		result = submit_job(r);
		gone = result == JT_OK;
	} else if (result == JT_OK) {
		result = run_reading(r);
	}
	if (!gone) {
		jt_request_refuse(r, result, r->reason);
		come_back(r);
	}
	atomic_fetch_sub(&s->metrics.hashing, 1);
}

static enum jt_next send_away(struct jt_http_request *r, void (*suspend)(struct jt_http_request *r))
{
	enum jt_result result = jt_idempotency_enter(r);

	if (result != JT_OK) {
		jt_request_refuse(r, result, NULL);
		jt_guard_leave(r);
		return JT_NEXT_ANSWER;
	}
	suspend(r);
	if (r->match.op->hash) {
		r->task.run = run_hash;
		atomic_fetch_add(&r->server->metrics.hashing, 1);
		result = jt_pool_submit(r->server->pool, &r->task);
		if (result != JT_OK)
			atomic_fetch_sub(&r->server->metrics.hashing, 1);
	} else {
		result = submit_job(r);
	}
	if (result != JT_OK) {
		jt_request_refuse(r, result, NULL);
		come_back(r);
	}
	return JT_NEXT_AWAY;
}

enum jt_next jt_dispatch_body(struct jt_http_request *r, void (*suspend)(struct jt_http_request *r))
{
	if (r->result == JT_OK)
		jt_request_refuse(r, check_all(r), r->reason);
	if (r->result != JT_OK)
		return JT_NEXT_ANSWER;
	if (r->match.op->hash || (r->match.op->flags & JT_OP_WRITE))
		return send_away(r, suspend);
	jt_request_refuse(r, run_reading(r), r->reason);
	jt_guard_leave(r);
	return JT_NEXT_ANSWER;
}

/* ---- afterwards */

static bool concerns_power(const struct jt_http_request *r)
{
	/* That the password is asked for again is no refusal of anybody's power. */
	if (r->result == JT_CONFIRM_PASSWORD)
		return false;
	return jt_result_about_power(r->result) ||
	       (r->reason && (strcmp(r->reason, jt_step_name(JT_STEP_OTHER_ORG)) == 0 ||
				     strcmp(r->reason, jt_step_name(JT_STEP_NOT_VISIBLE)) == 0));
}

static void say(const struct jt_http_request *r, int status, int64_t took)
{
	const struct jt_caller *who = &r->call.who.caller;
	char org[JT_ID_TEXT_SIZE] = "", token[JT_ID_TEXT_SIZE] = "", session[JT_ID_TEXT_SIZE] = "";
	bool refused = r->result != JT_OK;

	if (!jt_id_is_none(&who->org))
		(void)jt_id_text(&who->org, org);
	if (r->call.by_session)
		(void)jt_id_text(&r->call.session.id, session);
	else if (!jt_id_is_none(&who->token))
		(void)jt_id_text(&who->token, token);
	jt_log(status >= 500 ? JT_LOG_WARN : JT_LOG_INFO, refused ? "refused" : "request",
		JT_LT("id", r->call.who.request), JT_LT("method", r->method ? r->method : "-"),
		JT_LT("path", r->match.op ? r->match.op->path : "-"), JT_LN("status", status),
		JT_LN("us", (long long)(took / 1000)), JT_LT("address", r->call.who.address), JT_LT("org", org),
		JT_LT("token", token), JT_LT("session", session),
		JT_LT("code", refused ? jt_result_code(r->result) : "OK"),
		JT_LT("reason", !refused    ? ""
				: r->reason ? r->reason
					    : jt_result_code(r->result)));
}

void jt_dispatch_tell(struct jt_http_request *r, int status)
{
	int64_t now = jt_clock_mono_ns();
	int64_t took = now - r->started_ns;
	unsigned index = r->match.op ? r->match.index : r->server->metrics.ops;
	bool refused = r->result != JT_OK;
	uint64_t left_out = 0;

	jt_metrics_count(&r->server->metrics, index, status, r->result, took);
	if (refused && r->authenticated && r->match.op && concerns_power(r))
		jt_refusals_note(
			jt_authority_refusals(r->call.au), &r->call.who, r->match.op->id, jt_result_code(r->result));
	if (!r->match.op || !(r->match.op->flags & JT_OP_QUIET)) {
		say(r, status, took);
		return;
	}
	if (!refused || !jt_sampler_take(&r->server->sampler, now, &left_out))
		return;
	say(r, status, took);
	if (left_out > 0)
		jt_log(JT_LOG_INFO, "refusals left out", JT_LT("path", r->match.op->path),
			JT_LN("count", (long long)left_out));
}

void jt_dispatch_give_up(struct jt_http_request *r)
{
	if (atomic_load(&r->wire->state) == JT_WIRE_EXPIRED) {
		atomic_fetch_add(&r->server->metrics.expired, 1);
		jt_request_refuse(r, JT_TIMEOUT, NULL);
	} else {
		jt_request_refuse(r, JT_BAD_FRAMING, "aborted");
	}
	jt_dispatch_tell(r, r->result == JT_TIMEOUT ? 408 : 400);
}
