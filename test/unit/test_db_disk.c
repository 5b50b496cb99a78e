/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/log.h"
#include "db_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

static enum jt_result fill_until_refused(struct jt_db *db, int64_t *bit)
{
	char *name = malloc(300001);
	enum jt_result r = JT_OK;

	assert_non_null(name);
	memset(name, 'n', 300000);
	name[300000] = '\0';
	for (int i = 0; i < 200 && r == JT_OK; i++) {
		(void)snprintf(name, 16, "%014lld", (long long)++*bit);
		name[14] = 'n';
		r = add(db, *bit, name);
	}
	free(name);
	return r;
}

static void full_disk(void **state)
{
	/* Goal: a disk without room (a file size limit stands for it) is told as such; nothing of the transaction stays, nothing runs
	 * on its own afterwards, and with room the same connection goes on. */
	struct fixture *f = *state;
	struct rlimit was, small = {.rlim_cur = 4 << 20};
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	int64_t bit = 0;
	enum jt_result r = JT_OK;

	assert_int_equal(add(f->db, 0, "before"), JT_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(jt_db_begin_write(f->db), JT_OK);
	assert_int_equal(jt_db_savepoint(f->db), JT_OK);
	r = fill_until_refused(f->db, &bit);
	if (r == JT_OK && jt_db_release(f->db) == JT_OK)
		r = jt_db_commit(f->db);
	assert_int_equal(r, JT_DISK_FULL);
	if (jt_db_in_transaction(f->db)) {
		assert_int_equal(add(f->db, 1000, "alone"), JT_DISK_FULL);
		assert_int_equal(jt_db_undo(f->db), JT_DISK_FULL);
		assert_int_equal(jt_db_commit(f->db), JT_DISK_FULL);
	}
	assert_false(jt_db_in_transaction(f->db));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	(void)signal(SIGXFSZ, handler);
	assert_int_equal(count_of(f->db), 1);
	assert_int_equal(add(f->db, 1001, "after"), JT_OK);
	assert_int_equal(count_of(f->db), 2);
}

struct writer {
	const char *dir;
	_Atomic bool stop;
	_Atomic int64_t written;
};

/* Pairs of rows, each pair in one transaction. */
static void *write_pairs(void *arg)
{
	struct writer *w = arg;
	struct jt_db *db = NULL;

	open_at(w->dir, JT_DB_WRITE, &db);
	while (!atomic_load(&w->stop)) {
		int64_t n = atomic_load(&w->written);
		char name[32];

		assert_int_equal(jt_db_begin_write(db), JT_OK);
		for (int64_t i = 0; i < 2; i++) {
			(void)snprintf(name, sizeof(name), "w%lld", (long long)(n + i));
			assert_int_equal(add(db, n + i, name), JT_OK);
		}
		assert_int_equal(jt_db_commit(db), JT_OK);
		atomic_store(&w->written, n + 2);
	}
	jt_db_close(db);
	return NULL;
}

static void backup_under_writes(void **state)
{
	/* Goal: a backup taken while another connection commits without pause ends, is one consistent private file that opens as a
	 * database, and never replaces a file. */
	struct fixture *f = *state;
	struct writer w = {.dir = f->dir};
	struct jt_db *source = NULL, *copy = NULL;
	char dir[128], to[256];
	struct stat st;
	pthread_t thread;
	int64_t least = 0;

	(void)snprintf(dir, sizeof(dir), "%s/copy", f->dir);
	(void)snprintf(to, sizeof(to), "%s/jeton.db", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_pairs, &w), 0);
	while (atomic_load(&w.written) < 100)
		(void)sched_yield();
	open_at(f->dir, JT_DB_READ, &source);
	least = atomic_load(&w.written);
	assert_int_equal(jt_db_backup(source, to), JT_OK);
	atomic_store(&w.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(jt_db_backup(source, to), JT_ALREADY_EXISTS);
	jt_db_close(source);
	assert_int_equal(stat(to, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	open_at(dir, JT_DB_WRITE, &copy);
	assert_int_equal(count_of(copy) % 2, 0);
	assert_true(count_of(copy) >= least);
	jt_db_close(copy);
}

static void backup_is_checked(void **state)
{
	/* Goal: a database whose rows break a foreign key or whose pages are damaged does not pass as a good backup. */
	struct fixture *f = *state;
	char path[256], to[256], junk[4096];
	int fd = -1;

	for (int64_t i = 0; i < 2000; i++)
		assert_int_equal(
			add(f->db, i,
				(char[32]){(char)('a' + i % 26), (char)('a' + i / 26 % 26), (char)('a' + i / 676)}),
			JT_OK);
	jt_db_close(f->db); /* brings all pages into the file */
	(void)snprintf(path, sizeof(path), "%s/jeton.db", f->dir);
	(void)snprintf(to, sizeof(to), "%s/bad-copy", f->dir);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	memset(junk, 0x5a, sizeof(junk));
	assert_int_equal(pwrite(fd, junk, sizeof(junk), lseek(fd, 0, SEEK_END) - 4096), 4096);
	(void)close(fd);
	open_at(f->dir, JT_DB_READ, &f->db);
	assert_int_equal(jt_db_backup(f->db, to), JT_DB);
	assert_int_not_equal(access(to, F_OK), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(full_disk),
		TEST(backup_under_writes),
		TEST(backup_is_checked),
	};

	jt_log_setup(JT_LOG_ERROR, JT_LOG_LOGFMT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
