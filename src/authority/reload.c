/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/node.h"
#include "authority/usage.h"
#include "authority/vocabulary.h"
#include "catalogue/catalogue.h"

#include <stddef.h>

/* On the committer, so that no role or token comes between the look at what is in use and the new catalogue. */
struct take_over {
	struct jt_job job;
	struct jt_authority *au;
	struct jt_policy *policy;
	struct jt_why *why;
};

static enum jt_result run(struct jt_job *job, struct jt_tx *tx)
{
	struct take_over *t = (struct take_over *)(void *)((char *)job - offsetof(struct take_over, job));
	enum jt_result r = jt_vocabulary_covers(tx->db, t->policy, t->why);

	if (r == JT_OK)
		r = jt_vocabulary_assign(tx->db, t->policy, t->why);
	tx->moves_grants = true; /* whoever comes next is judged by the new catalogue */
	return r;
}

static void swap(struct jt_job *job)
{
	struct take_over *t = (struct take_over *)(void *)((char *)job - offsetof(struct take_over, job));

	if (job->result != JT_OK)
		return;
	(void)jt_verify_swap(t->au->verify, t->policy);
	jt_catalogue_free(t->au->policy);
	t->au->policy = t->policy;
}

enum jt_result jt_authority_reload(struct jt_authority *au, struct jt_why *why)
{
	struct take_over t = {.job = {.run = run, .done = swap}, .au = au, .why = why};
	enum jt_result r = jt_vocabulary_load(au->catalogue, &t.policy, why);

	if (r == JT_OK)
		r = jt_committer_run(au->committer, &t.job);
	if (r != JT_OK) {
		jt_catalogue_free(t.policy);
		return r;
	}
	return jt_follower_rebuild(au->follower);
}

struct jt_verify *jt_authority_verify(struct jt_authority *au)
{
	return au->verify;
}

struct jt_table *jt_authority_table(struct jt_authority *au)
{
	return au->table;
}

struct jt_follower *jt_authority_follower(struct jt_authority *au)
{
	return au->follower;
}

struct jt_committer *jt_authority_committer(struct jt_authority *au)
{
	return au->committer;
}

struct jt_usage *jt_authority_usage(struct jt_authority *au)
{
	return au->usage;
}

struct jt_refusals *jt_authority_refusals(struct jt_authority *au)
{
	return au->refusals;
}

const struct jt_keys *jt_authority_keys(const struct jt_authority *au)
{
	return au->keys;
}

const char *jt_authority_data(const struct jt_authority *au)
{
	return au->data;
}

const char *jt_authority_brand(const struct jt_authority *au)
{
	return au->brand;
}

const char *jt_authority_public_url(const struct jt_authority *au)
{
	return au->public_url;
}
