/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "http/inside.h"
#include "http/listen.h"
#include "http/listen_unix.h"
#include "http/mhd.h"
#include "http/ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define LIMITER_BUCKETS 65536
#define STOP_STEP_NS 5000000L

static enum jt_result join_ops(struct jt_server *s, const struct jt_op *const *ops)
{
	size_t count = 0;
	size_t own = 0;

	while (ops[count])
		count++;
	while (jt_server_ops[own].id)
		own++;
	s->ops = calloc(count + own + 1, sizeof(const struct jt_op *));
	if (!s->ops)
		return JT_NOMEM;
	for (size_t i = 0; i < count; i++)
		s->ops[i] = ops[i];
	for (size_t i = 0; i < own; i++)
		s->ops[count + i] = &jt_server_ops[i];
	return JT_OK;
}

/* Without a slash at its end. */
static enum jt_result set_public_url(
	struct jt_server *s, const char *wanted, bool loopback, const char *listen, struct jt_why *why)
{
	size_t length = wanted ? strlen(wanted) : 0;

	if (!wanted && !loopback)
		return jt_why_say(why, JT_VALIDATION,
			"--public-url is needed unless listening on loopback: links begin with it (%s)", listen);
	if (wanted && strncasecmp(wanted, "http://", 7) != 0 && strncasecmp(wanted, "https://", 8) != 0)
		return jt_why_say(why, JT_VALIDATION, "--public-url must begin with https:// or http://");
	if (wanted && strpbrk(wanted, "?#")) /* it is the issuer too (RFC 8414, 2) */
		return jt_why_say(why, JT_VALIDATION, "--public-url must not have a query or a fragment");
	s->public_url = strdup(wanted ? wanted : s->url);
	if (!s->public_url)
		return JT_NOMEM;
	if (length > 0 && s->public_url[length - 1] == '/')
		s->public_url[length - 1] = '\0';
	return JT_OK;
}

/* The operation that has a short way: it is asked for by its path as it came. */
static void find_quick(struct jt_server *s)
{
	for (unsigned i = 0; i < jt_routes_count(s->routes); i++) {
		const struct jt_op *op = jt_routes_op(s->routes, i);

		if (op->quick) {
			s->quick = op;
			s->quick_index = i;
			s->quick_path_size = strlen(op->path);
		}
	}
}

static enum jt_result make_parts(struct jt_server *s, const struct jt_server_options *o, struct jt_why *why)
{
	unsigned seconds = o->request_seconds ? o->request_seconds : JT_HTTP_REQUEST_SECONDS;
	enum jt_result r = join_ops(s, o->ops);

	if (r == JT_OK)
		r = jt_routes_new(s->ops, &s->routes);
	if (r == JT_OK) {
		find_quick(s);
		r = jt_metrics_start(&s->metrics, jt_routes_count(s->routes));
	}
	if (r == JT_OK)
		r = jt_pool_new(0, JT_POOL_WAITING, &s->pool);
	if (r == JT_OK)
		r = jt_limiter_new(LIMITER_BUCKETS, &s->limiter);
	if (r == JT_OK)
		r = jt_running_new(&s->running);
	if (r == JT_OK)
		r = jt_wires_new(seconds, &s->wires);
	if (r == JT_OK && o->tls_cert && o->tls_key)
		r = jt_tls_new(o->tls_cert, o->tls_key, &s->tls, why);
	else if (r == JT_OK && (o->tls_cert || o->tls_key))
		r = jt_why_say(why, JT_VALIDATION, "--tls-cert and --tls-key go together");
	return r;
}

static void free_parts(struct jt_server *s)
{
	jt_pool_free(s->pool);
	jt_wires_free(s->wires);
	jt_running_free(s->running);
	jt_limiter_free(s->limiter);
	jt_metrics_end(&s->metrics);
	jt_routes_free(s->routes);
	jt_tls_free(s->tls);
	free(s->ops);
	free(s->url);
	free(s->public_url);
	free(s);
}

static enum jt_result serve_narrow(
	struct jt_server *s, const char *address, const struct jt_mhd_options *like, struct jt_why *why)
{
	struct jt_mhd_options o = *like;
	const char *path = NULL;
	enum jt_result r = jt_listen_unix(address, &o.fd, &path, why);

	o.narrow = true;
	if (r == JT_OK)
		r = jt_mhd_start(s, &o, &s->narrow);
	if (r != JT_OK && o.fd >= 0)
		(void)close(o.fd);
	return r;
}

static enum jt_result serve(struct jt_server *s, const struct jt_server_options *options, struct jt_why *why)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct jt_mhd_options o = {.fd = -1,
		.threads = options->threads ? options->threads
			   : cores > 0      ? (unsigned)cores
					    : 1,
		.connections = options->connections ? options->connections : JT_HTTP_CONNECTIONS_MAX};
	char name[80];
	bool loopback = false;
	enum jt_result r = jt_listen(options->listen, &o.fd, name, sizeof(name), &loopback, why);

	if (r == JT_OK && asprintf(&s->url, "%s://%s", s->tls ? "https" : "http", name) < 0) {
		s->url = NULL;
		r = JT_NOMEM;
	}
	if (r == JT_OK)
		r = set_public_url(s, options->public_url, loopback, options->listen, why);
	if (r == JT_OK && options->verify_listen)
		r = serve_narrow(s, options->verify_listen, &o, why);
	if (r == JT_OK)
		r = jt_mhd_start(s, &o, &s->mhd);
	if (r != JT_OK && o.fd >= 0)
		(void)close(o.fd);
	if (r != JT_OK)
		jt_mhd_stop(s->narrow);
	return r;
}

enum jt_result jt_server_start(const struct jt_server_options *options, struct jt_server **out, struct jt_why *why)
{
	struct jt_server *s = calloc(1, sizeof(*s));
	uint8_t prefix[8];
	enum jt_result r = JT_OK;

	*out = NULL;
	if (!s)
		return JT_NOMEM;
	s->au = options->au;
	s->trusted_hops = options->trusted_hops;
	s->openapi = options->openapi;
	jt_secret_random(prefix, sizeof(prefix));
	(void)jt_hex(prefix, sizeof(prefix), s->id_prefix);
	r = make_parts(s, options, why);
	if (r == JT_OK)
		r = serve(s, options, why);
	if (r != JT_OK) {
		free_parts(s);
		return r;
	}
	*out = s;
	return JT_OK;
}

const char *jt_server_url(const struct jt_server *s)
{
	return s->url;
}

const char *jt_server_url_public(const struct jt_server *s)
{
	return s->public_url;
}

enum jt_result jt_server_reload(struct jt_server *s, struct jt_why *why)
{
	return s->tls ? jt_tls_reload(s->tls, why) : JT_OK;
}

static int64_t away(struct jt_server *s)
{
	return atomic_load(&s->metrics.writing) + atomic_load(&s->metrics.hashing);
}

void jt_server_stop(struct jt_server *s, unsigned seconds)
{
	const struct timespec step = {.tv_nsec = STOP_STEP_NS};
	int64_t end = jt_clock_mono_ns() + (int64_t)seconds * JT_NS_PER_S;

	if (!s)
		return;
	atomic_store(&s->stopping, true);
	jt_mhd_quiesce(s->mhd);
	jt_mhd_quiesce(s->narrow);
	while (atomic_load(&s->metrics.active) > 0 && jt_clock_mono_ns() < end) {
		jt_wires_hurry(s->wires);
		(void)nanosleep(&step, NULL);
	}
	/* What is with the committer or the pool ends by itself, and soon. */
	while (away(s) > 0)
		(void)nanosleep(&step, NULL);
	jt_wires_hurry(s->wires);
	jt_mhd_stop(s->mhd);
	jt_mhd_stop(s->narrow);
	free_parts(s);
}
