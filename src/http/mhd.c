/* SPDX-License-Identifier: Apache-2.0 */
#include "http/mhd.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "http/accept.h"
#include "http/answer.h"
#include "http/date.h"
#include "http/dispatch.h"
#include "http/listen.h"
#include "http/stream.h"

#include <dlfcn.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Memory of a connection: the largest header that we take, and 8 KiB for the header of an answer. What does not fit the library
 * refuses by itself. For each request it clears all of it, so that more would cost every one. */
#define MEMORY (24 * 1024)
/* What is read at once of an answer that is made while it is sent. */
#define STREAM_BLOCK (16 * 1024)

struct jt_mhd {
	struct jt_server *server;
	struct MHD_Daemon *daemon;
	struct jt_acceptor *acceptor;
	bool narrow;
};

/* ---- the library's own errors */

typedef struct MHD_Response *create_function(size_t size, void *buffer, enum MHD_ResponseMemoryMode mode);

/* Which of its errors the library is about to answer, by the words in its page. */
static enum jt_result of_page(const char *page)
{
	if (strstr(page, "too big") || strstr(page, "too large"))
		return JT_HEADER_TOO_LARGE;
	if (strstr(page, "nternal"))
		return JT_INTERNAL;
	return JT_BAD_FRAMING;
}

/* Stands before the library's function of this name: within the library it is called for its own HTML pages only, and all
 * errors have our form. Our own answers are made by another function. */
__attribute__((visibility("default"))) struct MHD_Response *MHD_create_response_from_buffer(
	size_t size, void *buffer, enum MHD_ResponseMemoryMode mode)
{
	create_function *real = NULL;
	void *symbol = dlsym(RTLD_NEXT, "MHD_create_response_from_buffer");
	struct MHD_Response *response = NULL;
	char page[512] = "";
	char *text = NULL;

	memcpy(&real, &symbol, sizeof(real));
	if (!real)
		return NULL;
	if (mode == MHD_RESPMEM_PERSISTENT && size > 0) {
		memcpy(page, buffer, size < sizeof(page) ? size : sizeof(page) - 1);
		text = jt_answer_error(of_page(page), NULL);
	}
	if (!text)
		return real(size, buffer, mode);
	response = real(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	if (response) {
		(void)MHD_add_response_header(response, "Date", jt_http_date(jt_clock_s()));
		(void)MHD_add_response_header(response, "Content-Type", "application/json");
		(void)MHD_add_response_header(response, "Cache-Control", "no-store");
		(void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	}
	return response;
}

/* ---- answers */

struct sent {
	char *body;
	size_t size;
};

static void wipe_and_free(void *cls)
{
	struct sent *s = cls;

	jt_secret_wipe(s->body, s->size);
	free(s->body);
	free(s);
}

static ssize_t read_more(void *cls, uint64_t at, char *out, size_t max)
{
	ssize_t size = jt_sending_next(cls, out, max);

	(void)at;
	return size > 0 ? size : size == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void end_sending(void *cls)
{
	jt_sending_free(cls);
}

static struct MHD_Response *stream_response(struct jt_http_request *r, struct jt_stream *stream)
{
	struct jt_sending *s = jt_sending_new(r->call.au, stream, r->call.who.request);
	struct MHD_Response *response =
		s ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_more, s, end_sending) : NULL;

	if (!response)
		jt_sending_free(s);
	return response;
}

static struct MHD_Response *body_response(struct jt_answer *a)
{
	static char nothing[1];
	struct sent *s = a->secret && a->body ? malloc(sizeof(*s)) : NULL;
	struct MHD_Response *response = NULL;

	if (s) {
		*s = (struct sent){.body = a->body, .size = a->size};
		response = MHD_create_response_from_buffer_with_free_callback_cls(a->size, a->body, wipe_and_free, s);
	} else {
		response = MHD_create_response_from_buffer_with_free_callback_cls(
			a->size, a->body ? a->body : nothing, a->body ? free : NULL, a->body);
	}
	if (!response) {
		free(s);
		free(a->body);
	}
	return response;
}

static struct MHD_Response *make_response(struct jt_http_request *r, struct jt_answer *a)
{
	struct MHD_Response *response = a->stream ? stream_response(r, a->stream) : body_response(a);

	/* The library takes no empty value; a blank is one to whoever reads it (RFC 9110, 5.5). */
	for (unsigned i = 0; response && i < a->headers; i++)
		(void)MHD_add_response_header(
			response, a->header[i].name, a->header[i].value[0] ? a->header[i].value : " ");
	return response;
}

static enum MHD_Result answer(struct MHD_Connection *connection, struct jt_http_request *r)
{
	struct jt_answer a = {0};
	struct MHD_Response *response = NULL;
	enum MHD_Result queued = MHD_NO;

	if (jt_answer_make(r, &a) != JT_OK)
		a.status = 503;
	jt_dispatch_tell(r, a.status);
	response = make_response(r, &a);
	r->answered = true;
	if (!response || !jt_wire_sends(r->server->wires, r->wire, jt_clock_mono_ns())) {
		if (response)
			MHD_destroy_response(response);
		return MHD_NO;
	}
	queued = MHD_queue_response(connection, (unsigned)a.status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result take_header(
	void *cls, enum MHD_ValueKind kind, const char *name, size_t name_size, const char *value, size_t value_size)
{
	(void)kind;
	jt_head_line(cls, name, name_size, value ? value : "", value ? value_size : 0);
	return MHD_YES;
}

/* ---- the short way */

static bool make_short(struct jt_lane *lane, const struct jt_quick *q)
{
	static char nothing[1];
	struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(0, nothing, NULL, NULL);
	bool made = response != NULL && MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES &&
		    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES;

	if (lane->response)
		MHD_destroy_response(lane->response);
	lane->response = response;
	lane->parts = 0;
	for (unsigned i = 0; made && i < q->parts; i++) {
		char *value = strndup(q->part[i].value, q->part[i].size);

		made = value && MHD_add_response_header(response, q->part[i].name, value) == MHD_YES;
		free(value);
		lane->size[i] = q->part[i].size;
		/* What the library keeps is a copy that only this connection sends, one answer after the other. */
		lane->value[i] = (char *)(uintptr_t)MHD_get_response_header(response, q->part[i].name);
		made = made && lane->value[i] && strlen(lane->value[i]) == lane->size[i];
		lane->parts = i + 1;
	}
	if (!made && response) {
		MHD_destroy_response(response);
		lane->response = NULL;
	}
	return made;
}

/* Ten headers a request cost more than the decision: they are made once a connection, and their values put in place. */
static bool put_short(struct jt_lane *lane, const struct jt_quick *q)
{
	if (!jt_lane_fits(lane, q))
		return make_short(lane, q);
	for (unsigned i = 0; i < q->parts; i++)
		memcpy(lane->value[i], q->part[i].value, q->part[i].size);
	return true;
}

static void read_head(
	struct MHD_Connection *connection, struct jt_head_lines *head, const char *version, size_t first_size)
{
	jt_head_start(head);
	(void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_header, head);
	jt_head_end(head, version, first_size);
}

/* True: there is an answer. It is queued when the library calls again: queued now it would end the connection. */
static bool judge_short(struct MHD_Connection *connection, struct jt_server *s, struct jt_wire *w, const char *method,
	const char *version)
{
	struct jt_lane *lane = &w->lane;
	struct jt_head_lines head;
	struct jt_quick q;

	read_head(connection, &head, version, strlen(method) + lane->target_size + 12);
	lane->ready = jt_quick_judge(s, w, method, &head, &q) && put_short(lane, &q);
	return lane->ready;
}

static enum MHD_Result answer_short(struct MHD_Connection *connection, struct jt_server *s, struct jt_wire *w)
{
	struct jt_lane *lane = &w->lane;

	lane->answered = jt_wire_sends(s->wires, w, lane->started_ns) &&
			 MHD_queue_response(connection, 204, lane->response) == MHD_YES;
	return lane->answered ? MHD_YES : MHD_NO;
}

/* ---- requests */

static struct jt_wire *wire_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static struct jt_http_request *long_request(struct jt_server *s, struct jt_wire *w, const char *target)
{
	w->request = jt_request_new(s, w, target);
	return w->request;
}

/* The request line: what the library calls with the target as it came. */
static void *begin(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct jt_server *s = cls;
	struct jt_wire *w = wire_of(connection);
	bool in_time = false;

	if (!w)
		return NULL;
	w->request = NULL;
	w->connection = connection;
	w->lane.started_ns = jt_clock_mono_ns();
	jt_request_id(s, w->id);
	in_time = jt_wire_reads(s->wires, w, w->lane.started_ns);
	if (!(in_time && jt_quick_begin(s, w, uri)) && !long_request(s, w, uri))
		return NULL;
	if (!in_time)
		jt_request_refuse(w->request, JT_TIMEOUT, NULL);
	atomic_fetch_add(&s->metrics.active, 1);
	return w;
}

static void suspend(struct jt_http_request *r)
{
	r->wait = JT_WAIT_COMMITTER;
	MHD_suspend_connection(r->wire->connection);
}

void jt_mhd_resume(struct jt_wire *w)
{
	MHD_resume_connection(w->connection);
}

static void judge(struct MHD_Connection *connection, struct jt_http_request *r, const char *version)
{
	read_head(connection, &r->head, version, strlen(r->method) + r->raw_size + 12);
	jt_dispatch_head(r);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **context)
{
	struct jt_wire *w = *context;
	struct jt_http_request *r = w ? w->request : NULL;

	(void)url;
	if (w && !r) {
		if (w->lane.ready)
			return answer_short(connection, cls, w);
		if (judge_short(connection, cls, w, method, version))
			return MHD_YES;
		r = long_request(cls, w, w->lane.target);
	}
	if (!r)
		return MHD_NO;
	if (!r->judged) {
		r->method = method;
		judge(connection, r, version);
		/* What is not well-formed has no end that can be waited for; too much is not waited for. */
		if (r->result != JT_OK && (r->close || r->head.content_length > JT_BODY_DRAIN_MAX)) {
			r->close = true;
			return answer(connection, r);
		}
		return MHD_YES;
	}
	if (*upload_size > 0) {
		jt_request_body(r, upload, *upload_size);
		*upload_size = 0;
		if (r->body_seen > JT_BODY_DRAIN_MAX)
			return MHD_NO;
		return MHD_YES;
	}
	if (r->wait == JT_WAIT_NONE) {
		if (!jt_wire_busy(r->wire))
			return MHD_NO;
		if (jt_dispatch_body(r, suspend) == JT_NEXT_AWAY)
			return MHD_YES;
	}
	return r->answered ? MHD_YES : answer(connection, r);
}

static void completed(void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode how)
{
	struct jt_server *s = cls;
	struct jt_wire *w = *context;

	(void)connection;
	(void)how;
	if (!w)
		return;
	if (!w->request && !w->lane.answered)
		(void)long_request(s, w, w->lane.target);
	if (w->request && !w->request->answered)
		jt_dispatch_give_up(w->request);
	(void)jt_wire_rests(w, w->request ? jt_clock_mono_ns() : w->lane.started_ns);
	jt_request_free(w->request);
	w->request = NULL;
	atomic_fetch_sub(&s->metrics.active, 1);
	*context = NULL;
}

/* ---- connections */

static void connection_changes(
	void *cls, struct MHD_Connection *connection, void **socket_context, enum MHD_ConnectionNotificationCode what)
{
	struct jt_mhd *m = cls;
	struct jt_server *s = m->server;
	const union MHD_ConnectionInfo *info;
	char address[64] = "unknown";
	int fd = -1;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		struct jt_wire *w = *socket_context;

		if (w && w->lane.response)
			MHD_destroy_response(w->lane.response);
		if (w)
			free(w->lane.kept);
		jt_wire_close(s->wires, w);
		if (*socket_context)
			atomic_fetch_sub(&s->metrics.connections, 1);
		*socket_context = NULL;
		jt_acceptor_ended(m->acceptor);
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info)
		fd = info->connect_fd;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info && info->client_addr)
		jt_listen_peer(info->client_addr, address, sizeof(address));
	*socket_context = jt_wire_open(s->wires, fd, s->tls != NULL && !m->narrow, address, connection);
	if (*socket_context) {
		((struct jt_wire *)*socket_context)->narrow = m->narrow;
		atomic_fetch_add(&s->metrics.connections, 1);
	}
}

static void take_connection(void *cls, int fd, const struct sockaddr *address, socklen_t length)
{
	struct jt_mhd *m = cls;

	if (MHD_add_connection(m->daemon, fd, address, length) != MHD_YES)
		jt_acceptor_ended(m->acceptor); /* the library has closed it */
}

/* Nothing is decoded by the library: target.c does that. */
static size_t leave(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls;
	(void)connection;
	return strlen(text);
}

static void say(void *cls, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void say(void *cls, const char *format, va_list args)
{
	char text[256];

	(void)cls;
	(void)vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	jt_log(JT_LOG_DEBUG, "http library", JT_LT("says", text));
}

/* ---- the daemon */

enum jt_result jt_mhd_start(struct jt_server *s, const struct jt_mhd_options *o, struct jt_mhd **out)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			 MHD_USE_NO_LISTEN_SOCKET | MHD_USE_SUPPRESS_DATE_NO_CLOCK; /* each answer has its own */
	struct jt_mhd *m = calloc(1, sizeof(*m));
	/* The acceptor keeps the limit. The library's, which it counts for each loop, is never to be met: it would close. */
	struct MHD_OptionItem options[8] = {
		{MHD_OPTION_CONNECTION_LIMIT, (intptr_t)o->connections * (intptr_t)(o->threads + 1), NULL},
		{MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY, NULL}, {MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL}};
	unsigned n = 3;
	enum jt_result r = JT_IO;

	*out = NULL;
	if (!m)
		return JT_NOMEM;
	m->server = s;
	m->narrow = o->narrow;
	if (o->threads > 1)
		options[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)o->threads, NULL};
	if (s->tls && !o->narrow) {
		static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

		flags |= MHD_USE_TLS;
		options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, jt_tls_callback()};
		options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, priorities};
	}
	options[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
	m->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, s, MHD_OPTION_EXTERNAL_LOGGER, say, NULL,
		MHD_OPTION_ARRAY, options, MHD_OPTION_URI_LOG_CALLBACK, begin, s, MHD_OPTION_NOTIFY_COMPLETED,
		completed, s, MHD_OPTION_NOTIFY_CONNECTION, connection_changes, m, MHD_OPTION_UNESCAPE_CALLBACK, leave,
		NULL, MHD_OPTION_END);
	if (m->daemon)
		r = jt_acceptor_start(o->fd, o->connections, take_connection, m, &m->acceptor);
	if (r != JT_OK) {
		if (m->daemon)
			MHD_stop_daemon(m->daemon);
		free(m);
		return r;
	}
	*out = m;
	return JT_OK;
}

void jt_mhd_quiesce(struct jt_mhd *m)
{
	jt_acceptor_stop(m ? m->acceptor : NULL);
}

void jt_mhd_stop(struct jt_mhd *m)
{
	if (!m)
		return;
	jt_acceptor_stop(m->acceptor);
	MHD_stop_daemon(m->daemon);
	jt_acceptor_free(m->acceptor);
	free(m);
}
