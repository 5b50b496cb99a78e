/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_INSIDE_H
#define JT_HTTP_INSIDE_H

#include "http/idempotency.h"
#include "http/limiter.h"
#include "http/metrics.h"
#include "http/request.h"
#include "http/sampler.h"
#include "http/server.h"
#include "http/tls.h"
#include "http/wire.h"

/* What a server is made of, for the files of this room. */

struct jt_mhd;

/* Bodies that are kept at one time, in bytes, over all requests. */
#define JT_BODIES_MAX (64UL * 1024 * 1024)
/* Beyond the limit a body is read and dropped up to this size, so that its sender can read the answer. */
#define JT_BODY_DRAIN_MAX (8UL * 1024 * 1024)
/* Bodies above this are not kept for callers who have shown no valid token. */
#define JT_BODY_UNPROVED_MAX 4096

struct jt_server {
	struct jt_authority *au;
	struct jt_routes *routes;
	const struct jt_op **ops; /* the caller's and the operational ones, NULL-terminated */
	char *url, *public_url;
	unsigned trusted_hops;
	struct jt_pool *pool;
	struct jt_limiter *limiter;
	struct jt_running *running; /* idempotency keys whose first request still runs */
	struct jt_wires *wires;
	struct jt_tls *tls;          /* NULL: plain */
	struct jt_mhd *mhd, *narrow; /* narrow: of --verify-listen; NULL: none */
	struct jt_metrics metrics;
	struct jt_sampler sampler; /* of what is quiet */
	const struct jt_op *quick; /* the operation that has a short way, and its index; NULL: none */
	unsigned quick_index;
	size_t quick_path_size;
	_Atomic bool stopping;
	_Atomic size_t bodies;     /* bytes of bodies that are kept */
	_Atomic uint64_t requests; /* for request ids */
	char id_prefix[17];
	const char *openapi;
};

#endif
