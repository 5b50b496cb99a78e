/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_SERVER_H
#define JT_HTTP_SERVER_H

#include "http/op.h"

/* The HTTP server: libmicrohttpd with epoll, one loop thread per core, which never blocks: connections come
 * from the acceptor, writes go to the committer, passwords to the pool. Knows no endpoint. */
struct jt_server;

/* Limits, named and documented in doc/formats/http.md. */
#define JT_HTTP_HEADER_MAX (16 * 1024)
#define JT_HTTP_LINE_COST 72 /* each line counts so much more: what the library keeps of it */
#define JT_HTTP_TARGET_MAX 4096
#define JT_HTTP_CONNECTIONS_MAX 4096
#define JT_HTTP_REQUEST_SECONDS 30

struct jt_server_options {
	struct jt_authority *au;
	const struct jt_op *const *ops; /* NULL-terminated */
	const char *listen;             /* "127.0.0.1:8080", "[::1]:0"; port 0: any free one */
	const char *verify_listen;      /* "unix:PATH", for what is JT_OP_NARROW alone; NULL: none */
	const char *public_url;         /* NULL: http(s)://the address, allowed on loopback only */
	unsigned trusted_hops;
	const char *tls_cert, *tls_key; /* PEM files; NULL: plain */
	unsigned threads;               /* 0: one per core */
	unsigned connections;           /* 0: JT_HTTP_CONNECTIONS_MAX */
	unsigned request_seconds;       /* 0: JT_HTTP_REQUEST_SECONDS */
	const char *openapi;            /* served at /openapi.json; JSON text */
};

/* Binds and starts to answer. JT_IO (address in use, certificate unreadable) with `why`, JT_VALIDATION for a bad option. */
JT_MUST_USE enum jt_result jt_server_start(
	const struct jt_server_options *options, struct jt_server **out, struct jt_why *why);
/* "http://127.0.0.1:8080", with the real port. Lives as long as the server. */
const char *jt_server_url(const struct jt_server *s);
/* The URL that answers name: --public-url, without a slash at its end, or else jt_server_url. Lives as long as the server. */
const char *jt_server_url_public(const struct jt_server *s);
/* Reads certificate and key again; on failure the old ones go on. */
JT_MUST_USE enum jt_result jt_server_reload(struct jt_server *s, struct jt_why *why);
/* Refuses new connections and requests (503 STOPPING), waits up to `seconds` for what is in flight, closes, frees. */
void jt_server_stop(struct jt_server *s, unsigned seconds);

#endif
