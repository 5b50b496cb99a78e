/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority/node.h"
#include "authority/usage.h"
#include "base/clock.h"
#include "base/secret.h"
#include "jeton.h"
#include "usage/hand.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_S 30

static struct world {
	char directory[64], run[80], path[96];
	struct jt_authority *au;
	struct jt_made_org made;
	struct jt_caller owner; /* whose personal token is used */
} w;

static const struct jt_address nowhere;

static void open_authority(void)
{
	struct jt_authority_options options = {.data = w.directory, .run = w.run, .as = JT_OPEN_SERVE};
	struct jt_why why = {0};

	if (jt_authority_open(&options, &w.au, &why) != JT_OK)
		fail_msg("%s", why.message);
	assert_int_equal(jt_verify_token(w.au->verify, w.made.token, strlen(w.made.token), &w.owner), JT_STEP_ALLOWED);
}

/* A graceful stop and a new start: all that was recorded is then in the database. */
static void restart(void)
{
	jt_authority_close(w.au);
	open_authority();
}

static uint32_t this_minute(void)
{
	return (uint32_t)(jt_clock_s() / 60);
}

static void note(struct jt_recorder *r, unsigned bit, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		(void)jt_recorder_note_bit(r, w.owner.at.instance, w.owner.at.token, this_minute(), bit);
}

/* This process's own uses, from `from`. */
static void use(unsigned bit, unsigned times, const struct jt_address *from)
{
	struct jt_scopes set = {{0}};
	const struct jt_own_use one = {.instance = w.owner.at.instance,
		.index = w.owner.at.token,
		.minute = this_minute(),
		.exercised = &set,
		.from = from};

	jt_scopes_add(&set, bit);
	for (unsigned i = 0; i < times; i++)
		jt_usage_note(w.au->usage, &one);
}

/* What the database has of the owner's token; all zero if nothing. */
static struct jt_usage_row stored(void)
{
	struct jt_usage_row row = {.uses = 0};
	struct jt_tx tx;
	enum jt_result r;

	assert_int_equal(jt_reading_begin(w.au, &tx), JT_OK);
	r = jt_usage_get(tx.db, &w.owner.org, &w.owner.token, jt_clock_s() / JT_TRACE_DAY_S, &row);
	assert_true(r == JT_OK || r == JT_NOT_FOUND);
	jt_reading_end(&tx);
	return row;
}

static uint64_t head(void)
{
	struct jt_tx tx;
	uint64_t seq = 0;

	assert_int_equal(jt_reading_begin(w.au, &tx), JT_OK);
	seq = (uint64_t)tx.head.seq;
	jt_reading_end(&tx);
	return seq;
}

static void until(bool (*is_so)(const struct jt_usage_counts *c))
{
	const int64_t end = jt_clock_mono_ns() + DEADLINE_S * JT_NS_PER_S;
	struct jt_usage_counts c;

	for (;;) {
		jt_usage_count(w.au->usage, &c);
		if (is_so(&c))
			return;
		assert_true(jt_clock_mono_ns() < end);
		(void)poll(NULL, 0, 20);
	}
}

static void own_uses_survive_a_restart(void **state)
{
	/* Goal: what this process verifies is counted, with the last minute and every scope exercised; a stop writes what is held, a
	 * later start adds to it. */
	struct jt_usage_row row;

	(void)state;
	use(3, 5, &nowhere);
	use(200, 2, &nowhere);
	restart();
	row = stored();
	assert_int_equal(row.uses, 7);
	assert_true(row.last_used_s % 60 == 0 && jt_clock_s() - row.last_used_s < 180);
	assert_int_equal(jt_scopes_count(&row.scopes), 2);
	assert_true(jt_scopes_has(&row.scopes, 3) && jt_scopes_has(&row.scopes, 200));
	use(511, 1, &nowhere);
	use(63, 1, &nowhere); /* the bit that is a sign to the database */
	restart();
	row = stored();
	assert_int_equal(row.uses, 9);
	assert_int_equal(jt_scopes_count(&row.scopes), 4);
	assert_true(jt_scopes_has(&row.scopes, 63) && jt_scopes_has(&row.scopes, 511));
	restart();
	assert_int_equal(stored().uses, 9);
}

static void it_is_written_while_running(void **state)
{
	/* Goal: nobody need stop the server to see a use: some seconds, and it is in the database. */
	const int64_t end = jt_clock_mono_ns() + DEADLINE_S * JT_NS_PER_S;
	const int64_t before = stored().uses;

	(void)state;
	use(3, 10, &nowhere);
	while (stored().uses != before + 10) {
		assert_true(jt_clock_mono_ns() < end);
		(void)poll(NULL, 0, 50);
	}
}

static bool one_is_there(const struct jt_usage_counts *c)
{
	return c->verifiers == 1;
}

static bool none_is_there(const struct jt_usage_counts *c)
{
	return c->verifiers == 0;
}

/* The one that named three tokens that there are not: it may have ended before it was let in. */
static bool it_came_and_went(const struct jt_usage_counts *c)
{
	return c->unknown == 3 && none_is_there(c);
}

static void another_process_is_counted(void **state)
{
	/* Goal: a process that hands its memory over, uses a token and ends at once loses nothing; what it says of tokens that there
	 * are not is dropped. */
	const int64_t before = stored().uses;
	struct jt_usage_counts c;
	int status = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		struct jt_recorder *r = NULL;
		struct jt_hand *h = NULL;
		bool right =
			jt_recorder_new(&r) == JT_OK && jt_hand_new(r, w.path, &h) == JT_OK && jt_hand_connected(h);

		if (right) {
			note(r, 5, 1000);
			(void)jt_recorder_note(r, w.owner.at.instance, 0, this_minute(), NULL);
			(void)jt_recorder_note(r, w.owner.at.instance, UINT32_MAX, this_minute(), NULL);
			(void)jt_recorder_note(r, w.owner.at.instance + 1, w.owner.at.token, this_minute(), NULL);
		}
		_exit(right ? 0 : 1); /* nothing is given back in order */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	until(it_came_and_went);
	jt_usage_stop(w.au->usage);
	jt_usage_count(w.au->usage, &c);
	assert_int_equal(c.wrong, 0);
	restart();
	assert_int_equal(stored().uses, before + 1000);
}

static void a_verifier_goes_on_after_a_restart(void **state)
{
	/* Goal: what is used while the authority is away is counted when it is back, and what was counted is not counted again. */
	const int64_t before = stored().uses;
	const int64_t end = jt_clock_mono_ns() + DEADLINE_S * JT_NS_PER_S;
	struct jt_recorder *r = NULL;
	struct jt_hand *h = NULL;

	(void)state;
	assert_int_equal(jt_recorder_new(&r), JT_OK);
	assert_int_equal(jt_hand_new(r, w.path, &h), JT_OK);
	until(one_is_there);
	note(r, 5, 100);
	jt_authority_close(w.au);
	note(r, 5, 10);
	jt_hand_tick(h);
	assert_false(jt_hand_connected(h));
	open_authority();
	while (!jt_hand_connected(h)) {
		assert_true(jt_clock_mono_ns() < end);
		(void)poll(NULL, 0, 20);
		jt_hand_tick(h);
	}
	until(one_is_there);
	note(r, 5, 1);
	jt_hand_free(h);
	jt_recorder_free(r);
	until(none_is_there);
	restart();
	assert_int_equal(stored().uses, before + 111);
}

static void libjeton_is_counted(void **state)
{
	/* Goal: what another process verifies through the public library is counted with the scope that it asked for, and what
	 * was refused is not. */
	const int64_t before = stored().uses;
	struct jeton_scope *scope = NULL, *unheld = NULL;
	struct jeton_request want = {.scopes = &scope, .scope_count = 1}, more = {.scopes = &unheld, .scope_count = 1};
	struct jeton *j = NULL;
	struct jt_usage_row row;
	char table[96];

	(void)state;
	(void)snprintf(table, sizeof(table), "%s/table", w.run);
	assert_int_equal(jeton_open(table, &j), JETON_ALLOWED);
	assert_int_equal(jeton_record(j, NULL), JETON_ALLOWED);
	assert_int_equal(jeton_scope_new(j, "org:read", &scope), JETON_ALLOWED);
	assert_int_equal(jeton_scope_new(j, "no:such", &unheld), JETON_ALLOWED);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(jeton_verify(j, w.made.token, strlen(w.made.token), &want, NULL), JETON_ALLOWED);
		assert_int_equal(jeton_verify(j, w.made.token, strlen(w.made.token), &more, NULL), JETON_SCOPE);
	}
	jeton_scope_free(scope);
	jeton_scope_free(unheld);
	until(one_is_there);
	jeton_close(j);
	until(none_is_there);
	restart();
	row = stored();
	assert_int_equal(row.uses, before + 3);
	assert_true(jt_scopes_has(&row.scopes, jt_policy_scope(w.au->policy, "org:read", strlen("org:read"))->bit));
}

static int stranger(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", w.path);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* The other side has hung up. */
static void assert_ended(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char byte;

	assert_int_equal(poll(&p, 1, DEADLINE_S * 1000), 1);
	assert_true(recv(fd, &byte, 1, MSG_DONTWAIT) <= 0);
}

static void strangers_have_bounds(void **state)
{
	/* Goal: one user has 64 connections and no more; whoever says nothing loses its own in seconds, whoever says anything else
	 * at once; then there is room again. */
	int fd[JT_USAGE_VERIFIERS_UID_MAX + 1];
	struct jt_usage_counts c;

	(void)state;
	for (unsigned i = 0; i <= JT_USAGE_VERIFIERS_UID_MAX; i++)
		fd[i] = stranger();
	assert_ended(fd[JT_USAGE_VERIFIERS_UID_MAX]);
	assert_int_equal(send(fd[0], "GET / HTTP/1.1", 14, MSG_NOSIGNAL), 14);
	assert_ended(fd[0]);
	for (unsigned i = 1; i < JT_USAGE_VERIFIERS_UID_MAX; i++)
		assert_ended(fd[i]);
	for (unsigned i = 0; i <= JT_USAGE_VERIFIERS_UID_MAX; i++)
		(void)close(fd[i]);
	until(none_is_there);
	jt_usage_count(w.au->usage, &c);
	assert_int_equal(c.refused, JT_USAGE_VERIFIERS_UID_MAX + 1);
	another_process_is_counted(state);
}

static void the_socket_is_for_the_group(void **state)
{
	/* Goal: nobody but the server's user and group can connect; a second start finds the socket of one that was killed no
	 * hindrance. */
	struct stat st;
	struct jt_why why = {0};
	struct jt_usage *second = NULL;

	(void)state;
	assert_int_equal(stat(w.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(jt_usage_new(w.au->table, &second), JT_OK);
	assert_int_equal(jt_usage_start(second, w.path, &why), JT_IO); /* one that lives is not pushed aside */
	jt_usage_free(second);
	(void)close(stranger());
	memset(&why, 0, sizeof(why));
	assert_int_equal(jt_usage_new(w.au->table, &second), JT_OK);
	assert_int_equal(jt_usage_start(second,
				 "/a/path/that/is/longer/than/what/the/address/of/a/unix/socket/has/"
				 "room/for/which/is/one/hundred/and/eight/bytes",
				 &why),
		JT_TOO_LONG);
	jt_usage_free(second);
}

static void a_socket_left_behind(void **state)
{
	/* Goal: what a killed server left at the path does not keep the next from starting. */
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)state;
	jt_authority_close(w.au);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", w.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(fd);
	open_authority();
	(void)close(stranger());
}

static struct jt_usage_row row_of(uint64_t n)
{
	struct jt_usage_row row = {.org = w.owner.org, .uses = 1, .last_used_s = 60};

	memcpy(row.token.b, &n, sizeof(n));
	row.token.b[15] = 1;
	return row;
}

static enum jt_result run_nothing(struct jt_job *job, struct jt_tx *tx)
{
	(void)job;
	(void)tx;
	return JT_DONE;
}

static void batches_are_bounded(void **state)
{
	/* Goal: a thousand tokens, all of which were deleted meanwhile, are no error and take four or five numbers of the feed, not a
	 * thousand; and a job that comes while they are written waits for one transaction at most, which is short. */
	struct jt_usage_held *held = jt_usage_held(w.au->usage);
	struct jt_job job = {.run = run_nothing};
	const uint64_t before = head();
	int64_t longest_ns = 0;

	(void)state;
	for (uint64_t n = 0; n < 1000; n++) {
		const struct jt_usage_row row = row_of(n);

		assert_int_equal(jt_usage_hold(held, &row), JT_OK);
	}
	assert_int_equal(jt_usage_held_count(held), 1000);
	while (jt_usage_held_count(held) > 0) {
		const int64_t began_ns = jt_clock_mono_ns();

		assert_int_equal(jt_committer_run(w.au->committer, &job), JT_DONE);
		if (jt_clock_mono_ns() - began_ns > longest_ns)
			longest_ns = jt_clock_mono_ns() - began_ns;
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(jt_committer_run(w.au->committer, &job), JT_DONE); /* the last of them is committed */
	assert_in_range(head() - before, 4, 5); /* 5: the first began before all were held */
	print_message("# the longest wait of a job beside 1000 tokens: %lld us\n", (long long)longest_ns / 1000);
}

static void what_is_held_has_a_bound(void **state)
{
	/* Goal: 65,536 tokens are held and no more; those that are held already go on being counted; a sum stops at 2^62. */
	struct jt_usage_held *held = NULL;
	struct jt_usage_row row;

	(void)state;
	assert_int_equal(jt_usage_held_new(&held), JT_OK);
	for (uint64_t n = 0; n < JT_USAGE_HELD_MAX; n++) {
		row = row_of(n);
		assert_int_equal(jt_usage_hold(held, &row), JT_OK);
	}
	row = row_of(JT_USAGE_HELD_MAX);
	assert_int_equal(jt_usage_hold(held, &row), JT_BUSY);
	row = row_of(7);
	row.uses = JT_USES_MAX;
	assert_int_equal(jt_usage_hold(held, &row), JT_OK);
	assert_int_equal(jt_usage_held_count(held), JT_USAGE_HELD_MAX);
	jt_usage_held_free(held);
	jt_usage_held_free(NULL);
}

struct flush {
	struct jt_job job;
	struct jt_usage_held *held;
	enum jt_result say;
};

static enum jt_result run_flush(struct jt_job *job, struct jt_tx *tx)
{
	struct flush *f = (struct flush *)(void *)job;
	enum jt_result r = jt_usage_flush(f->held, tx);

	return r == JT_OK ? f->say : r;
}

static void what_was_not_committed_is_held_again(void **state)
{
	/* Goal: a transaction that fails loses nothing and writes nothing; what came meanwhile is added; the next one writes the sum;
	 * a sum in the database stops at 2^62, and an earlier use does not hide a later. */
	struct flush f = {.job = {.run = run_flush}, .say = JT_DISK_FULL};
	const struct jt_usage_row before = stored();
	struct jt_usage_row row = {.org = w.owner.org, .token = w.owner.token, .uses = 5, .last_used_s = 60};

	(void)state;
	assert_int_equal(jt_usage_held_new(&f.held), JT_OK);
	assert_int_equal(jt_usage_hold(f.held, &row), JT_OK);
	assert_int_equal(jt_committer_run(w.au->committer, &f.job), JT_DISK_FULL);
	assert_int_equal(jt_usage_held_count(f.held), 0);
	assert_int_equal(jt_usage_hold(f.held, &row), JT_OK);
	jt_usage_settle(f.held, JT_DISK_FULL);
	assert_int_equal(jt_usage_held_count(f.held), 1);
	assert_int_equal(stored().uses, before.uses);
	f.say = JT_OK;
	assert_int_equal(jt_committer_run(w.au->committer, &f.job), JT_OK);
	jt_usage_settle(f.held, JT_OK);
	assert_int_equal(jt_usage_held_count(f.held), 0);
	assert_int_equal(stored().uses, before.uses + 10);
	assert_int_equal(stored().last_used_s, before.last_used_s);
	assert_int_equal(jt_committer_run(w.au->committer, &f.job), JT_DONE);
	row.uses = JT_USES_MAX - 1;
	assert_int_equal(jt_usage_hold(f.held, &row), JT_OK);
	assert_int_equal(jt_committer_run(w.au->committer, &f.job), JT_OK);
	jt_usage_settle(f.held, JT_OK);
	assert_int_equal(stored().uses, JT_USES_MAX);
	jt_usage_held_free(f.held);
}

static int set_up(void **state)
{
	const struct jt_new_org order = {.name = "Test", .owner_email = "o@example.com"};
	struct jt_why why = {0};

	(void)state;
	(void)snprintf(w.directory, sizeof(w.directory), "/dev/shm/jeton-usage-XXXXXX");
	if (jt_secret_start() != JT_OK || !mkdtemp(w.directory))
		return -1;
	(void)snprintf(w.run, sizeof(w.run), "%s/run", w.directory);
	(void)snprintf(w.path, sizeof(w.path), "%s/usage.sock", w.run);
	if (jt_authority_init(w.directory, NULL, &order, &w.made, &why) != JT_OK)
		return -1;
	open_authority();
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	jt_authority_close(w.au);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", w.directory);
	return system(command) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(own_uses_survive_a_restart),
		cmocka_unit_test(it_is_written_while_running), cmocka_unit_test(another_process_is_counted),
		cmocka_unit_test(libjeton_is_counted), cmocka_unit_test(a_verifier_goes_on_after_a_restart),
		cmocka_unit_test(strangers_have_bounds), cmocka_unit_test(the_socket_is_for_the_group),
		cmocka_unit_test(a_socket_left_behind), cmocka_unit_test(batches_are_bounded),
		cmocka_unit_test(what_is_held_has_a_bound), cmocka_unit_test(what_was_not_committed_is_held_again)};

	return cmocka_run_group_tests_name("authority_usage", tests, set_up, tear_down);
}
