/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cli/operator.h"
#include "store/audit.h"
#include "store/org.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- verify */

static const char *state_name(enum jt_audit_state state)
{
	static const char *const names[] = {[JT_AUDIT_WHOLE] = "whole",
		[JT_AUDIT_CHANGED] = "changed",
		[JT_AUDIT_MISSING] = "missing",
		[JT_AUDIT_CUT] = "cut",
		[JT_AUDIT_KEYLESS] = "keyless"};

	return names[state];
}

static enum jt_exit tell(
	const struct jt_args *args, const char *slug, const struct jt_id *org, const struct jt_audit_verdict *v)
{
	enum jt_exit code = v->state == JT_AUDIT_WHOLE ? JT_EXIT_OK : JT_EXIT_REFUSED;
	enum jt_exit printed = JT_EXIT_OK;
	char id[JT_ID_TEXT_SIZE];

	if (jt_args_flag(args, "json"))
		printed = jt_print_json(json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "org_id", jt_id_text(org, id),
			"slug", slug, "state", state_name(v->state), "seq", (json_int_t)v->seq, "anchored",
			(json_int_t)v->anchored, "text", v->text));
	else
		printf("%s  %s: %s\n", slug, v->state == JT_AUDIT_WHOLE ? "ok" : "NOT WHOLE", v->text);
	return printed == JT_EXIT_OK ? code : printed;
}

/* All orgs, or the one that --org names: `one` is called for each. The worst exit status counts. */
static enum jt_exit each_org(const struct jt_args *args, struct jt_authority *au, struct jt_db *db,
	enum jt_exit (*one)(
		const struct jt_args *args, struct jt_authority *au, struct jt_db *db, const struct jt_org_row *org))
{
	const char *wanted = jt_args_text(args, "org");
	struct jt_rows *rows = NULL;
	struct jt_why why = {0};
	struct jt_org_row org;
	struct jt_id only = {{0}};
	enum jt_exit worst = JT_EXIT_OK;
	enum jt_result r = wanted ? jt_operator_org(db, wanted, &only, &why) : JT_OK;

	if (r == JT_OK)
		r = jt_org_scan(db, &rows);
	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		struct jt_id id = jt_rows_id(rows, 0);
		enum jt_exit code = JT_EXIT_OK;

		if (wanted && !jt_id_equal(&id, &only))
			continue;
		r = jt_org_get(db, &id, &org);
		if (r == JT_OK)
			code = one(args, au, db, &org);
		if (code > worst)
			worst = code;
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? worst : jt_operator_failed("cannot read the audit log", r, &why);
}

static enum jt_exit verify_org(
	const struct jt_args *args, struct jt_authority *au, struct jt_db *db, const struct jt_org_row *org)
{
	struct jt_audit_verdict verdict;
	struct jt_why why = {0};
	enum jt_result r =
		jt_audit_verify(db, jt_authority_keys(au), &org->id, jt_args_text(args, "audit-anchor"), &verdict);

	return r == JT_OK ? tell(args, org->slug, &org->id, &verdict)
			  : jt_operator_failed("cannot verify the audit log", r, &why);
}

/* ---- export */

static json_t *row_json(const struct jt_audit_row *row)
{
	char token[JT_ID_TEXT_SIZE], user[JT_ID_TEXT_SIZE], time[JT_TIME_TEXT_SIZE];
	json_t *o = json_pack("{s:I, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:o?, s:s, s:I}", "seq",
		(json_int_t)row->seq, "time", jt_time_text(row->time_ns / JT_NS_PER_S, time), "time_ns",
		(json_int_t)row->time_ns, "actor", row->actor, "address", row->address, "request", row->request,
		"operation", row->operation, "target_type", row->target_type, "target", row->target, "detail",
		json_loads(row->detail, 0, NULL), "outcome", row->outcome, "count", (json_int_t)row->folded);

	if (o && !jt_id_is_none(&row->token))
		(void)json_object_set_new(o, "token_id", json_string(jt_id_text(&row->token, token)));
	if (o && !jt_id_is_none(&row->account))
		(void)json_object_set_new(o, "user_id", json_string(jt_id_text(&row->account, user)));
	return o;
}

static enum jt_exit export_org(
	const struct jt_args *args, struct jt_authority *au, struct jt_db *db, const struct jt_org_row *org)
{
	struct jt_rows *rows = NULL;
	struct jt_audit_row row;
	struct jt_why why = {0};
	enum jt_exit code = JT_EXIT_OK;
	enum jt_result r = jt_audit_scan(db, &org->id, &rows);

	(void)args;
	(void)au;
	while (code == JT_EXIT_OK && r == JT_OK && (r = jt_audit_next(rows, &row)) == JT_OK) {
		json_t *o = row_json(&row);

		if (o && json_object_set_new(o, "org", json_string(org->slug)) != 0) {
			json_decref(o);
			o = NULL;
		}
		code = jt_print_json(o);
	}
	jt_rows_close(&rows);
	return r == JT_DONE || r == JT_OK ? code : jt_operator_failed("cannot export", r, &why);
}

/* ---- both */

static enum jt_exit with_snapshot(
	const struct jt_args *args, enum jt_exit (*one)(const struct jt_args *args, struct jt_authority *au,
					    struct jt_db *db, const struct jt_org_row *org))
{
	enum jt_exit code = JT_EXIT_OK;
	struct jt_authority *au = jt_operator_open(args, &code);
	struct jt_why why = {0};
	struct jt_tx tx;
	enum jt_result r = JT_OK;

	if (!au)
		return code;
	r = jt_reading_begin(au, &tx);
	if (r == JT_OK) {
		code = each_org(args, au, tx.db, one);
		jt_reading_end(&tx);
	} else {
		code = jt_operator_failed("cannot read the database", r, &why);
	}
	jt_authority_close(au);
	return code;
}

static enum jt_exit run_verify(const struct jt_args *args)
{
	return with_snapshot(args, verify_org);
}

static enum jt_exit run_export(const struct jt_args *args)
{
	return with_snapshot(args, export_org);
}

static const struct jt_option verify_options[] = {
	{.name = "data", .value = "DIR", .help = "the data directory; its server may be running"},
	{.name = "org", .value = "ORG", .help = "id or slug; else every org"},
	{.name = "audit-anchor", .value = "FILE", .help = "what jeton serve --audit-anchor wrote"},
	{.name = "json", .help = "print each verdict as a line of JSON"},
	{0},
};
static const struct jt_option export_options[] = {
	{.name = "data", .value = "DIR", .help = "the data directory; its server may be running"},
	{.name = "org", .value = "ORG", .help = "id or slug; else every org"},
	{.name = "json", .help = "accepted: the export is lines of JSON"},
	{0},
};

const struct jt_command jt_cli_audit[] = {
	{.name = "audit export",
		.arguments = "",
		.summary = "print the audit log, a line of JSON a row",
		.example = "jeton audit export --data /var/lib/jeton --org acme > audit.jsonl",
		.options = export_options,
		.run = run_export},
	{.name = "audit verify",
		.arguments = "",
		.summary = "prove that no row of the audit log was changed, removed or reordered",
		.detail =
			"Names the first row that is wrong, and says up to which row an anchor vouches for the tail.\n"
			"Exit status 1 unless every chain is whole.",
		.example = "jeton audit verify --data /var/lib/jeton --audit-anchor /var/log/jeton-anchor",
		.options = verify_options,
		.run = run_verify},
	{0},
};
