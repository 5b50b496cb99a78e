/* SPDX-License-Identifier: Apache-2.0 */
#include "table/guard.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGE 4096

/* Read by a signal handler, so: fixed, and of atomics. A place is free while `at` is 0. */
static struct {
	_Atomic uintptr_t at;
	_Atomic size_t size;
} guarded[JT_GUARDED_MAX];

static struct sigaction before;
static atomic_flag installed = ATOMIC_FLAG_INIT;

bool jt_guard_add(void *at, size_t size)
{
	for (unsigned i = 0; i < JT_GUARDED_MAX; i++) {
		uintptr_t none = 0;

		/* 1: taken, not yet to be used. No mapping stands there. */
		if (atomic_compare_exchange_strong(&guarded[i].at, &none, 1)) {
			atomic_store(&guarded[i].size, size);
			atomic_store(&guarded[i].at, (uintptr_t)at);
			return true;
		}
	}
	return false;
}

void jt_guard_drop(void *at)
{
	for (unsigned i = 0; i < JT_GUARDED_MAX; i++) {
		if (atomic_load(&guarded[i].at) == (uintptr_t)at) {
			atomic_store(&guarded[i].at, 0);
			return;
		}
	}
}

static bool is_ours(uintptr_t fault)
{
	for (unsigned i = 0; i < JT_GUARDED_MAX; i++) {
		uintptr_t at = atomic_load(&guarded[i].at);

		if (at > 1 && fault >= at && fault - at < atomic_load(&guarded[i].size))
			return true;
	}
	return false;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
	uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1);

	if (is_ours((uintptr_t)info->si_addr) && mmap((void *)page, PAGE, PROT_READ | PROT_WRITE,
							 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		return;
	if (before.sa_flags & SA_SIGINFO) {
		before.sa_sigaction(number, info, context);
	} else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
		before.sa_handler(number);
	} else {
		/* As if we had not been here: the fault comes again at once. */
		(void)sigaction(SIGBUS, &before, NULL);
	}
}

enum jt_result jt_guard_install(void)
{
	struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

	if (atomic_flag_test_and_set(&installed))
		return JT_OK;
	(void)sigemptyset(&action.sa_mask);
	if (sigaction(SIGBUS, &action, &before) == 0)
		return JT_OK;
	atomic_flag_clear(&installed);
	return JT_IO;
}
