/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "jeton.h"

#include "alloc.h"
#include "jeton_world.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What libjeton takes from the system: memory when it opens and interns, and nothing at all when it verifies. */

#define TIMES 1000

static struct world w;
static struct jeton *j;
static struct jeton_scope *scopes[3];
static struct jeton_org *org;
static struct jeton_app *app;
static struct jeton_team *team;

static void intern(void)
{
	char of[JT_ID_TEXT_SIZE], in[JT_ID_TEXT_SIZE];

	assert_int_equal(jeton_scope_new(j, WORLD_READ, &scopes[0]), JETON_ALLOWED);
	assert_int_equal(jeton_scope_new(j, WORLD_LIST, &scopes[1]), JETON_ALLOWED);
	assert_int_equal(jeton_scope_new(j, WORLD_NEW, &scopes[2]), JETON_ALLOWED);
	assert_int_equal(jeton_org_new(j, jt_id_text(&w.org, of), &org), JETON_ALLOWED);
	assert_int_equal(jeton_app_new(j, of, WORLD_APP, &app), JETON_ALLOWED);
	assert_int_equal(jeton_team_new(j, of, jt_id_text(&w.team, in), &team), JETON_ALLOWED);
}

static int set_up(void **state)
{
	(void)state;
	world_open(&w);
	if (jeton_open(w.path, &j) != JETON_ALLOWED)
		return -1;
	intern();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		jeton_scope_free(scopes[i]);
	jeton_org_free(org);
	jeton_app_free(app);
	jeton_team_free(team);
	jeton_close(j);
	world_close(&w);
	return 0;
}

/* Every token, at every sort of place, with one scope and with all; and what is no token. Returns how many were let in. */
static unsigned ask_everything(void)
{
	const struct jeton_request asks[] = {{0}, {.scopes = scopes, .scope_count = 1},
		{.scopes = scopes, .scope_count = 3}, {.org = org, .scopes = scopes, .scope_count = 2, .app = app},
		{.org = org, .scopes = scopes, .scope_count = 2, .team = team}, {.min_seq = UINT64_MAX}};
	char kept[JETON_ID_SIZE], teams[2][JETON_ID_SIZE];
	struct jeton_answer answer;
	unsigned let_in = 0;
	size_t count = 0;

	for (size_t a = 0; a < sizeof(asks) / sizeof(*asks); a++) {
		for (int i = 0; i < WORLD_COUNT; i++) {
			let_in += jeton_verify(j, w.value[i], strlen(w.value[i]), &asks[a], &answer) == JETON_ALLOWED;
			(void)jeton_answer_token(j, &answer, kept);
			(void)jeton_answer_user(j, &answer, kept);
			(void)jeton_answer_teams(j, &answer, teams, 2, &count);
		}
		let_in += jeton_verify(j, "no token", 8, &asks[a], NULL) == JETON_ALLOWED;
		let_in += jeton_verify(j, w.value[0], SIZE_MAX, &asks[a], NULL) == JETON_ALLOWED;
	}
	return let_in;
}

static void verifying_allocates_nothing(void **state)
{
	/* Goal: not one allocation, whatever is asked and answered. */
	unsigned let_in = 0;

	(void)state;
	world_renew(&w);
	alloc_fail_at(0, ALLOC_FAIL_ONCE);
	for (unsigned i = 0; i < TIMES; i++)
		let_in += ask_everything();
	assert_int_equal(alloc_count(), 0);
	assert_int_equal(alloc_stop(), 0);
	assert_true(let_in > TIMES);
}

/* From here on the kernel kills at any system call but the end. (The strict mode would forbid the clock that is read without
 * one, too.) */
static bool call_nobody(void)
{
	struct sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};
	const struct sock_fprog program = {.len = sizeof(rules) / sizeof(*rules), .filter = rules};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void verifying_calls_nobody(void **state)
{
	/* Goal: a process that the kernel kills at any system call but its end goes on verifying: no lock that waits, no clock
	 * that has to be asked of the kernel. */
	unsigned let_in = 0;
	int status = 0;
	pid_t child;

	(void)state;
	world_renew(&w);
	let_in = ask_everything();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		bool same = true;

		if (!call_nobody())
			_exit(2);
		for (unsigned i = 0; i < TIMES; i++)
			same = ask_everything() == let_in && same;
		(void)syscall(SYS_exit, same ? 0 : 1); /* exit_group would be one too many */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFSIGNALED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void the_kernel_would_have_noticed(void **state)
{
	/* Goal: the test before this one can fail: one system call, and the child is dead. */
	int status = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		(void)call_nobody();
		(void)syscall(SYS_getpid);
		(void)syscall(SYS_exit, 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static enum jt_result result_of(enum jeton_result r)
{
	return r == JETON_ALLOWED ? JT_OK : r == JETON_NO_MEMORY ? JT_NOMEM : JT_IO;
}

/* Opens, interns one of each, verifies, closes. */
static enum jt_result whole_life(void *arg)
{
	char of[JT_ID_TEXT_SIZE], in[JT_ID_TEXT_SIZE];
	struct jeton_request ask = {.scope_count = 1};
	struct jeton_scope *scope = NULL;
	struct jeton *own = NULL;
	enum jeton_result r = jeton_open(w.path, &own);

	(void)arg;
	if (r == JETON_ALLOWED)
		r = jeton_scope_new(own, WORLD_READ, &scope);
	if (r == JETON_ALLOWED)
		r = jeton_org_new(own, jt_id_text(&w.org, of), &ask.org);
	if (r == JETON_ALLOWED)
		r = jeton_app_new(own, of, WORLD_APP, &ask.app);
	if (r == JETON_ALLOWED)
		r = jeton_team_new(own, of, jt_id_text(&w.team, in), &ask.team);
	jeton_team_free(ask.team);
	ask.team = NULL;
	ask.scopes = &scope;
	if (r == JETON_ALLOWED)
		r = jeton_record(own, NULL);
	if (r == JETON_ALLOWED)
		r = jeton_verify(own, w.value[WORLD_CI], strlen(w.value[WORLD_CI]), &ask, NULL);
	jeton_scope_free(scope);
	jeton_org_free(ask.org);
	jeton_app_free(ask.app);
	jeton_close(own);
	return result_of(r);
}

static void no_memory(void **state)
{
	/* Goal: whichever allocation fails, opening, interning and recording say so, and nothing stays behind. */
	(void)state;
	world_renew(&w);
	assert_true(alloc_fail_each(whole_life, NULL) >= 8);
}

static enum jeton_result ask(struct jeton *of)
{
	return jeton_verify(of, w.value[WORLD_CI], strlen(w.value[WORLD_CI]), NULL, NULL);
}

static void no_memory_to_go_over(void **state)
{
	/* Goal: without memory to open the table that took the place, the answer is that it is unavailable; with it, all is well. */
	struct jeton *own = NULL;

	(void)state;
	assert_int_equal(jeton_open(w.path, &own), JETON_ALLOWED);
	for (size_t n = 1; n <= 3; n++) {
		world_build(&w, WORLD_PLAIN);
		alloc_fail_at(1, n % 2 ? ALLOC_FAIL_ONCE : ALLOC_FAIL_FROM);
		assert_int_equal(ask(own), JETON_UNAVAILABLE);
		assert_true(alloc_failed());
		(void)alloc_stop();
		while (ask(own) == JETON_UNAVAILABLE) /* it is tried again a millisecond later */
			continue;
		assert_int_equal(ask(own), JETON_ALLOWED);
	}
	jeton_close(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(verifying_allocates_nothing),
		cmocka_unit_test(verifying_calls_nobody), cmocka_unit_test(the_kernel_would_have_noticed),
		cmocka_unit_test(no_memory), cmocka_unit_test(no_memory_to_go_over)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
