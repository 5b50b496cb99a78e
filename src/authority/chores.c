/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/chores.h"

#include "authority/link.h"
#include "authority/node.h"
#include "authority/usage.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/tidy.h"

#include <stddef.h>
#include <stdlib.h>

#define FLUSH_EVERY_NS (5 * JT_NS_PER_S)
#define TIDY_EVERY_NS (5 * JT_NS_PER_S)
#define TIDY_AGAIN_NS (JT_NS_PER_S / 20)
#define USAGE_EVERY_NS (2 * JT_NS_PER_S)
#define USAGE_AGAIN_NS (JT_NS_PER_S / 4) /* so that usage never takes more than a small part of the committer's time */
#define ANCHOR_EVERY_NS (3600 * JT_NS_PER_S)
#define TIDY_ROWS 200
#define TIDY_NUMBERS 500
#define REPLAY_KEPT_S 3600

struct jt_chores {
	struct jt_job flush, tidy, usage;
	struct jt_authority *au;
	enum jt_refusals_which which;
	bool more; /* tidying found as much as it may do at once */
	bool flushing, tidying, using;
	enum { LAST_REFUSALS, LAST_USAGE, LAST_NONE } last;
	int64_t flush_ns, tidy_ns, usage_ns, anchor_ns; /* when next, on the clock that never steps */
};

static struct jt_chores *of_flush(struct jt_job *job)
{
	return (struct jt_chores *)(void *)((char *)job - offsetof(struct jt_chores, flush));
}

static struct jt_chores *of_tidy(struct jt_job *job)
{
	return (struct jt_chores *)(void *)((char *)job - offsetof(struct jt_chores, tidy));
}

static enum jt_result run_flush(struct jt_job *job, struct jt_tx *tx)
{
	struct jt_chores *c = of_flush(job);

	return jt_refusals_flush(c->au->refusals, tx, c->which);
}

static void flushed(struct jt_job *job)
{
	struct jt_chores *c = of_flush(job);

	jt_refusals_settle(c->au->refusals, job->result);
	c->flushing = false;
	c->flush_ns = jt_clock_mono_ns() + FLUSH_EVERY_NS;
}

/* JT_DONE, so that nothing is written, if there was nothing to tidy. */
static enum jt_result run_tidy(struct jt_job *job, struct jt_tx *tx)
{
	const int64_t now_s = tx->now_ns / JT_NS_PER_S;
	struct jt_chores *c = of_tidy(job);
	int64_t answers = 0, sessions = 0, links = 0, invitations = 0, numbers = 0;
	enum jt_result r = jt_tidy_idempotency(tx->db, now_s - REPLAY_KEPT_S, TIDY_ROWS, &answers);

	if (r == JT_OK)
		r = jt_tidy_sessions(tx->db, now_s, TIDY_ROWS, &sessions);
	if (r == JT_OK)
		r = jt_tidy_links(tx->db, now_s, TIDY_ROWS, &links);
	if (r == JT_OK)
		r = jt_tidy_invitations(tx->db, (now_s - JT_LINK_SETUP_S) * JT_NS_PER_S, TIDY_ROWS, &invitations);
	if (r == JT_OK)
		r = jt_change_prune(tx->db, &tx->head, TIDY_NUMBERS, &numbers);
	if (r != JT_OK)
		return r;
	c->more = answers >= TIDY_ROWS || sessions >= TIDY_ROWS || links >= TIDY_ROWS || invitations >= TIDY_ROWS ||
		  numbers >= TIDY_NUMBERS;
	return answers || sessions || links || invitations || numbers ? JT_OK : JT_DONE;
}

static void tidied(struct jt_job *job)
{
	struct jt_chores *c = of_tidy(job);

	c->tidying = false;
	c->tidy_ns = jt_clock_mono_ns() + (job->result == JT_OK && c->more ? TIDY_AGAIN_NS : TIDY_EVERY_NS);
}

static struct jt_chores *of_usage(struct jt_job *job)
{
	return (struct jt_chores *)(void *)((char *)job - offsetof(struct jt_chores, usage));
}

static enum jt_result run_usage(struct jt_job *job, struct jt_tx *tx)
{
	return jt_usage_flush(jt_usage_held(of_usage(job)->au->usage), tx);
}

static void used(struct jt_job *job)
{
	struct jt_chores *c = of_usage(job);
	struct jt_usage_held *held = jt_usage_held(c->au->usage);

	jt_usage_settle(held, job->result);
	c->using = false;
	c->usage_ns = jt_clock_mono_ns() +
		      (job->result == JT_OK && jt_usage_held_count(held) > 0 ? USAGE_AGAIN_NS : USAGE_EVERY_NS);
	if (c->last == LAST_USAGE && job->result != JT_OK)
		c->last = LAST_NONE; /* what cannot be written at the end is lost */
}

enum jt_result jt_chores_new(struct jt_authority *au, struct jt_chores **out)
{
	struct jt_chores *c = calloc(1, sizeof(*c));
	int64_t now = jt_clock_mono_ns();

	*out = c;
	if (!c)
		return JT_NOMEM;
	c->au = au;
	c->flush.run = run_flush;
	c->flush.done = flushed;
	c->tidy.run = run_tidy;
	c->tidy.done = tidied;
	c->usage.run = run_usage;
	c->usage.done = used;
	c->flush_ns = now + FLUSH_EVERY_NS;
	c->usage_ns = now + USAGE_EVERY_NS;
	c->tidy_ns = now + TIDY_EVERY_NS;
	c->anchor_ns = now + ANCHOR_EVERY_NS;
	return JT_OK;
}

void jt_chores_free(struct jt_chores *c)
{
	free(c);
}

void jt_chores_anchor(struct jt_chores *c)
{
	enum jt_result r = jt_audit_anchor(c->au->db, c->au->anchor);

	if (r != JT_OK)
		jt_log(JT_LOG_ERROR, "the audit heads could not be anchored", JT_LT("why", jt_result_text(r)),
			JT_LT("file", c->au->anchor));
	c->anchor_ns = jt_clock_mono_ns() + ANCHOR_EVERY_NS;
}

struct jt_job *jt_chores_due(struct jt_chores *c, int64_t mono_ns)
{
	if (mono_ns >= c->anchor_ns)
		jt_chores_anchor(c);
	if (!c->flushing && mono_ns >= c->flush_ns) {
		c->flushing = true;
		c->which = JT_REFUSALS_RIPE;
		return &c->flush;
	}
	if (!c->tidying && mono_ns >= c->tidy_ns) {
		c->tidying = true;
		return &c->tidy;
	}
	if (!c->using && mono_ns >= c->usage_ns) {
		c->usage_ns = mono_ns + USAGE_EVERY_NS;
		c->using = jt_usage_held_count(jt_usage_held(c->au->usage)) > 0;
		return c->using ? &c->usage : NULL;
	}
	return NULL;
}

int64_t jt_chores_next(const struct jt_chores *c)
{
	int64_t next = c->flush_ns < c->tidy_ns ? c->flush_ns : c->tidy_ns;

	if (c->usage_ns < next)
		next = c->usage_ns;
	return next < c->anchor_ns ? next : c->anchor_ns;
}

struct jt_job *jt_chores_last(struct jt_chores *c)
{
	if (c->last == LAST_REFUSALS) {
		c->last = LAST_USAGE;
		c->which = JT_REFUSALS_ALL;
		return &c->flush;
	}
	if (c->last == LAST_USAGE && jt_usage_held_count(jt_usage_held(c->au->usage)) > 0)
		return &c->usage;
	return NULL;
}
