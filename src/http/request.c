/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include "base/secret.h"
#include "http/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void jt_request_id(struct jt_server *server, char *out)
{
	uint64_t number = atomic_fetch_add_explicit(&server->requests, 1, memory_order_relaxed) + 1;
	char digits[20];
	size_t prefix = sizeof(server->id_prefix) - 1, at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	memcpy(out, server->id_prefix, prefix);
	out[prefix] = '-';
	memcpy(out + prefix + 1, digits + at, sizeof(digits) - at);
	out[prefix + 1 + sizeof(digits) - at] = '\0';
}

bool jt_request_id_is_fit(const char *id)
{
	static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
	size_t length = strlen(id);

	return length > 0 && length <= JT_REQUEST_ID_MAX && strspn(id, allowed) == length;
}

struct jt_http_request *jt_request_new(struct jt_server *server, struct jt_wire *wire, const char *raw)
{
	struct jt_http_request *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->server = server;
	r->wire = wire;
	r->started_ns = wire->lane.started_ns;
	r->call.au = server->au;
	r->call.http = r;
	r->call.who.how = JT_ACTOR_TOKEN;
	(void)snprintf(r->call.who.address, sizeof(r->call.who.address), "%s", wire->address);
	r->from = wire->from;
	memcpy(r->call.who.request, wire->id, sizeof(r->call.who.request));
	r->raw_size = strlen(raw);
	r->target_result = jt_target_parse(raw, r->raw_size, &r->target, &r->call.why);
	if (r->target_result == JT_OK) {
		r->arg_text = strdup(r->target.path);
		if (!r->arg_text)
			r->target_result = JT_NOMEM;
	}
	return r;
}

static void drop_body(struct jt_http_request *r)
{
	if (!r->body)
		return;
	jt_secret_wipe(r->body, r->body_room);
	atomic_fetch_sub(&r->server->bodies, r->body_room);
	free(r->body);
	r->body = NULL;
	r->body_size = r->body_room = 0;
}

void jt_request_free(struct jt_http_request *r)
{
	struct jt_call *c = r ? &r->call : NULL;

	if (!r)
		return;
	jt_idempotency_leave(r);
	if (c->state)
		c->op && c->op->drop ? c->op->drop(c->state) : free(c->state);
	json_decref(c->body);
	jt_form_free(&c->form);
	json_decref(c->answer);
	free(c->next_page);
	free(c->raw);
	if (c->stream)
		c->stream->end(c->stream);
	free(r->kept);
	free(r->arg_text);
	jt_secret_wipe(c->csrf, sizeof(c->csrf));
	jt_secret_wipe(c->cookie, sizeof(c->cookie));
	drop_body(r);
	jt_target_free(&r->target);
	free(r);
}

void jt_request_refuse(struct jt_http_request *r, enum jt_result result, const char *reason)
{
	if (r->result != JT_OK)
		return;
	r->result = result;
	r->reason = reason;
}

/* Room for `size` bytes, within what all requests together may keep. */
static enum jt_result make_room(struct jt_http_request *r, size_t size)
{
	size_t room = r->body_room ? r->body_room : 1024;
	char *grown = NULL;

	if (size <= r->body_room)
		return JT_OK;
	while (room < size)
		room *= 2;
	if (atomic_fetch_add(&r->server->bodies, room) + room > JT_BODIES_MAX) {
		atomic_fetch_sub(&r->server->bodies, room);
		return JT_BUSY;
	}
	grown = malloc(room);
	if (!grown) {
		atomic_fetch_sub(&r->server->bodies, room);
		return JT_NOMEM;
	}
	if (r->body_size > 0)
		memcpy(grown, r->body, r->body_size);
	size = r->body_size;
	drop_body(r);
	r->body = grown;
	r->body_size = size;
	r->body_room = room;
	return JT_OK;
}

void jt_request_body(struct jt_http_request *r, const char *bytes, size_t size)
{
	/* A caller who has shown no valid token is kept for a little only. */
	size_t most = r->authenticated ? JT_BODY_MAX : JT_BODY_UNPROVED_MAX;
	enum jt_result result = JT_OK;

	r->body_seen += size;
	if (r->discard)
		return;
	if (r->body_seen > most)
		result = JT_TOO_LARGE;
	else
		result = make_room(r, r->body_size + size);
	if (result != JT_OK) {
		r->discard = true;
		drop_body(r);
		jt_request_refuse(r, result, NULL);
		return;
	}
	memcpy(r->body + r->body_size, bytes, size);
	r->body_size += size;
}
