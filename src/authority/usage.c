/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/usage_inside.h"

#include "base/clock.h"
#include "base/log.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PASS_NS JT_NS_PER_S
#define PRESSED_NS (JT_NS_PER_S / 4)
#define MINUTE_S 60
#define OWN_FDS 2 /* before the verifiers': the wake and the listener */

/* Where the uses of one pass go. */
struct sink {
	struct jt_drain_to to;
	struct jt_usage *u;
};

struct origins_sink {
	struct jt_origins_to to;
	struct jt_usage *u;
};

static enum jt_result take(struct jt_drain_to *to, const struct jt_use *use)
{
	struct jt_usage *u = ((struct sink *)(void *)to)->u;
	struct jt_usage_row row = {
		.uses = use->count, .last_used_s = (int64_t)use->minute * MINUTE_S, .scopes = use->scopes};

	if (!jt_table_token_at(u->table, use->instance, use->index, &row.org, &row.token)) {
		u->counts.unknown++;
		return JT_OK;
	}
	jt_trace_add_day(&row.trace, row.last_used_s / JT_TRACE_DAY_S, row.uses);
	return jt_usage_hold(u->held, &row);
}

/* The uses themselves are counted by what was recorded of them. */
static void take_origin(struct jt_origins_to *to, const struct jt_origin *o)
{
	struct jt_usage *u = ((struct origins_sink *)(void *)to)->u;
	const struct jt_trace_place place = {
		.from = o->from, .last_used_s = (int64_t)o->minute * MINUTE_S, .uses = (int64_t)o->uses};
	struct jt_usage_row row = {.last_used_s = place.last_used_s};

	jt_trace_add_place(&row.trace, &place);
	if (!jt_table_token_at(u->table, o->instance, o->index, &row.org, &row.token) ||
		jt_usage_hold(u->held, &row) != JT_OK)
		u->counts.unplaced += o->uses;
}

static void take_origins(struct jt_usage *u)
{
	struct origins_sink sink = {.to = {take_origin}, .u = u};

	u->counts.unplaced += jt_origins_drain(u->origins, &sink.to);
}

bool jt_usage_pass(struct jt_usage *u, struct jt_drain *d)
{
	struct sink sink = {.to = {take}, .u = u};
	const int64_t now_s = jt_clock_s();
	struct jt_drained out;
	/* What does not fit is left where it is, and comes again when the committer has made room. */
	enum jt_result r = jt_drain_pass(d, now_s > 0 ? (uint32_t)(now_s / MINUTE_S) : 0, &sink.to, &out);

	u->counts.uses += out.uses;
	u->counts.lost += out.lost;
	u->counts.wrong += out.wrong;
	return out.pressed || r != JT_OK;
}

/* One round. Returns when the next is due. */
static int64_t pass_all(struct jt_usage *u)
{
	bool pressed = u->own_drain && jt_usage_pass(u, u->own_drain);

	for (size_t i = 0; i < u->count; i++)
		if (u->verifier[i].drain && jt_usage_pass(u, u->verifier[i].drain))
			pressed = true;
	take_origins(u);
	pthread_mutex_lock(&u->lock);
	u->shown = u->counts;
	u->shown.verifiers = u->count;
	pthread_mutex_unlock(&u->lock);
	return jt_clock_mono_ns() + (pressed ? PRESSED_NS : PASS_NS);
}

/* Waits for something to happen, or for the next pass. False: it is to end. */
static bool await(struct jt_usage *u, int64_t due_ns)
{
	const int64_t left_ns = due_ns - jt_clock_mono_ns();
	struct pollfd *p = u->poll;
	size_t count = OWN_FDS;

	p[0] = (struct pollfd){.fd = u->wake, .events = POLLIN};
	p[1] = (struct pollfd){.fd = u->listener, .events = POLLIN}; /* -1: none, and poll passes it over */
	for (size_t i = 0; i < u->count; i++)
		p[count++] = (struct pollfd){.fd = u->verifier[i].socket, .events = POLLIN};
	if (poll(p, count, left_ns > 0 ? (int)(left_ns / 1000000) + 1 : 0) <= 0)
		return true;
	/* From the last: whoever is dropped is replaced by one that was looked at. */
	for (size_t i = count; i-- > OWN_FDS;)
		if (p[i].revents)
			jt_usage_hear(u, i - OWN_FDS);
	if (p[1].revents)
		jt_usage_accept(u);
	return !p[0].revents;
}

static void *work(void *arg)
{
	struct jt_usage *u = arg;
	int64_t due_ns = jt_clock_mono_ns() + PASS_NS;

	while (await(u, due_ns)) {
		if (jt_clock_mono_ns() < due_ns)
			continue;
		jt_usage_drop_silent(u);
		due_ns = pass_all(u);
	}
	return NULL;
}

enum jt_result jt_usage_new(const struct jt_table *table, struct jt_usage **out)
{
	struct jt_usage *u = calloc(1, sizeof(*u));
	enum jt_result r = JT_OK;

	*out = NULL;
	if (!u)
		return JT_NOMEM;
	u->table = table;
	u->listener = u->wake = -1;
	pthread_mutex_init(&u->lock, NULL);
	r = jt_usage_held_new(&u->held);
	if (r == JT_OK)
		r = jt_origins_new(&u->origins);
	if (r != JT_OK) {
		jt_usage_free(u);
		return r;
	}
	r = jt_recorder_new(&u->own);
	if (r == JT_OK)
		r = jt_drain_open(jt_recorder_fd(u->own), &u->own_drain);
	if (r != JT_OK)
		jt_log(JT_LOG_WARN, "uses of the API are not recorded", JT_LT("why", jt_result_text(r)));
	*out = u;
	return JT_OK;
}

enum jt_result jt_usage_start(struct jt_usage *u, const char *path, struct jt_why *why)
{
	enum jt_result r = path ? jt_usage_listen(u, path, why) : JT_OK;

	if (r != JT_OK)
		return r;
	u->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (u->wake < 0 || pthread_create(&u->thread, NULL, work, u) != 0)
		return JT_NOMEM;
	u->running = true;
	return JT_OK;
}

void jt_usage_stop(struct jt_usage *u)
{
	const uint64_t one = 1;

	if (!u->running)
		return;
	if (write(u->wake, &one, sizeof(one)) < 0)
		jt_log(JT_LOG_ERROR, "the usage thread cannot be told to end", JT_LN("fd", u->wake));
	(void)pthread_join(u->thread, NULL);
	u->running = false;
	jt_usage_unlisten(u);
	(void)pass_all(u);
	jt_log(JT_LOG_INFO, "usage taken", JT_LN("uses", (long long)u->counts.uses),
		JT_LN("lost", (long long)u->counts.lost), JT_LN("unknown", (long long)u->counts.unknown),
		JT_LN("wrong", (long long)u->counts.wrong), JT_LN("unplaced", (long long)u->counts.unplaced),
		JT_LN("refused", (long long)u->counts.refused), JT_LN("verifiers", (long long)u->count));
}

void jt_usage_free(struct jt_usage *u)
{
	if (!u)
		return;
	jt_usage_stop(u);
	jt_usage_unlisten(u);
	while (u->count > 0)
		jt_usage_drop(u, u->count - 1);
	if (u->wake >= 0)
		(void)close(u->wake);
	jt_drain_free(u->own_drain);
	jt_recorder_free(u->own);
	jt_origins_free(u->origins);
	jt_usage_held_free(u->held);
	pthread_mutex_destroy(&u->lock);
	free(u);
}

void jt_usage_note(struct jt_usage *u, const struct jt_own_use *use)
{
	if (!u->own_drain)
		return;
	/* This process drains its own recorder: there is nobody to hand it to. */
	(void)jt_recorder_note(u->own, use->instance, use->index, use->minute, use->exercised);
	if (!jt_address_is_none(use->from))
		jt_origins_note(u->origins, use->instance, use->index, use->minute, use->from);
}

struct jt_usage_held *jt_usage_held(struct jt_usage *u)
{
	return u->held;
}

void jt_usage_count(struct jt_usage *u, struct jt_usage_counts *out)
{
	pthread_mutex_lock(&u->lock);
	*out = u->shown;
	pthread_mutex_unlock(&u->lock);
}
