/* SPDX-License-Identifier: Apache-2.0 */
#include "http/ops.h"

#include "http/inside.h"

#include <string.h>

/* The process answers. */
static enum jt_result run_health(struct jt_call *c, struct jt_tx *tx)
{
	(void)c;
	(void)tx;
	return JT_OK;
}

/* It can decide: the table is there and the database can be read. */
static enum jt_result run_readiness(struct jt_call *c, struct jt_tx *tx)
{
	(void)tx;
	if (atomic_load(&c->http->server->stopping))
		return JT_STOPPING;
	return jt_table_poisoned(jt_authority_table(c->au)) ? JT_STALE : JT_OK;
}

static enum jt_result run_metrics(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_server *s = c->http->server;
	struct jt_buf out = {0};

	(void)tx;
	jt_metrics_print(&s->metrics, s->routes, s->au, &out);
	if (jt_buf_check(&out) != JT_OK) {
		jt_buf_free(&out);
		return JT_NOMEM;
	}
	return jt_call_answer_raw(c, (char *)out.data, out.size, "text/plain; version=0.0.4; charset=utf-8");
}

static enum jt_result run_openapi(struct jt_call *c, struct jt_tx *tx)
{
	const char *text = c->http->server->openapi;

	(void)tx;
	return jt_call_answer_raw(c, strdup(text), strlen(text), "application/json");
}

const struct jt_op jt_server_ops[] = {
	{.id = "get_health",
		.method = "GET",
		.path = "/healthz",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_PLAIN | JT_OP_NARROW,
		.run = run_health},
	{.id = "get_readiness", .method = "GET", .path = "/readyz", .level = JT_LEVEL_OPEN, .run = run_readiness},
	{.id = "get_metrics",
		.method = "GET",
		.path = "/metrics",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_PLAIN,
		.run = run_metrics},
	{.id = "get_openapi",
		.method = "GET",
		.path = "/openapi.json",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_PLAIN,
		.run = run_openapi},
	{0},
};
