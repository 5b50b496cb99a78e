/* SPDX-License-Identifier: Apache-2.0 */
#include "trace.h"

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE ((uintptr_t)4096)
#define REGIONS_MAX 32
#define PAGES_MAX 8 /* that one instruction may touch */
#define TRAP_FLAG 0x100

struct region {
	uint8_t *at; /* NULL: free */
	size_t size;
	uint8_t file;
};

static struct {
	struct trace *trace; /* NULL: nothing is recorded */
	char dir[200];
	dev_t device;
	ino_t inode[FILES_MAX];
	uint8_t *shadow[FILES_MAX]; /* what each file holds, as far as it is recorded */
	size_t shadow_size[FILES_MAX];
	unsigned files;
	struct region region[REGIONS_MAX];
	uintptr_t open[PAGES_MAX]; /* pages that the instruction in hand may write */
	unsigned opened;
} r;

static const char *const names[NAMES] = {"table", "table.new", "table.old"};

/* ---- writing the trace down. Nothing here allocates: it runs in a signal handler. */

static void add(struct event e)
{
	MUST(r.trace->events < r.trace->room);
	r.trace->event[r.trace->events++] = e;
}

static struct region *region_of(uintptr_t address)
{
	for (unsigned i = 0; i < REGIONS_MAX; i++) {
		uintptr_t at = (uintptr_t)r.region[i].at;

		if (at && address >= at && address - at < r.region[i].size)
			return &r.region[i];
	}
	return NULL;
}

static int name_of(const char *path)
{
	size_t length = strlen(r.dir);

	if (!r.trace || strncmp(path, r.dir, length) != 0 || path[length] != '/')
		return -1;
	for (int i = 0; i < NAMES; i++) {
		if (strcmp(path + length + 1, names[i]) == 0)
			return i;
	}
	return -1;
}

/* By descriptor; -1 if it is not one of ours. */
static int file_of(int fd)
{
	struct stat st;

	if (!r.trace || fstat(fd, &st) != 0 || st.st_dev != r.device)
		return -1;
	for (unsigned i = r.files; i > 0; i--) {
		if (r.inode[i - 1] == st.st_ino)
			return (int)i - 1;
	}
	return -1;
}

/* ---- stores */

static void on_fault(int number, siginfo_t *info, void *context)
{
	uintptr_t page = (uintptr_t)info->si_addr & ~(PAGE - 1);
	ucontext_t *u = context;

	if (!region_of(page) || r.opened == PAGES_MAX) {
		(void)signal(number, SIG_DFL); /* a fault of its own: it comes again */
		return;
	}
	r.open[r.opened++] = page;
	MUST(mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE) == 0);
	u->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void note_page(uintptr_t page)
{
	const struct region *g = region_of(page);
	size_t offset = page - (uintptr_t)g->at;
	uint8_t *was = r.shadow[g->file] + offset;

	for (size_t i = 0; i < PAGE; i += 8) {
		struct event e = {.kind = EVENT_STORE, .file = g->file, .size = 8, .at = offset + i};

		if (memcmp(was + i, (const uint8_t *)page + i, 8) == 0)
			continue;
		memcpy(&e.what, (const uint8_t *)page + i, 8);
		memcpy(was + i, &e.what, 8);
		add(e);
	}
}

static void on_step(int number, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)number;
	(void)info;
	for (unsigned i = 0; i < r.opened; i++) {
		note_page(r.open[i]);
		MUST(mprotect((void *)r.open[i], PAGE, PROT_READ) == 0);
	}
	r.opened = 0;
	u->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

static void handle(int number, void (*how)(int, siginfo_t *, void *))
{
	struct sigaction action = {.sa_sigaction = how, .sa_flags = SA_SIGINFO | SA_NODEFER};

	(void)sigemptyset(&action.sa_mask);
	MUST(sigaction(number, &action, NULL) == 0);
}

/* ---- system calls (-Wl,--wrap) */

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
	struct stat st;
	va_list more;
	mode_t mode;
	int fd, name = name_of(path);

	va_start(more, flags);
	mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
	va_end(more);
	fd = __real_open64(path, flags, mode);
	if (fd >= 0 && name >= 0 && flags & O_CREAT) {
		MUST(flags & O_EXCL && r.files < FILES_MAX && fstat(fd, &st) == 0);
		r.device = st.st_dev;
		r.inode[r.files] = st.st_ino;
		add((struct event){.kind = EVENT_CREATE, .file = (uint8_t)r.files++, .name = (uint8_t)name});
	}
	return fd;
}

int __real_posix_fallocate64(int fd, off_t at, off_t size);
int __wrap_posix_fallocate64(int fd, off_t at, off_t size);
int __wrap_posix_fallocate64(int fd, off_t at, off_t size)
{
	int file = file_of(fd), failed = __real_posix_fallocate64(fd, at, size);

	if (file < 0 || failed)
		return failed;
	MUST(at == 0 && !r.shadow[file]);
	r.shadow_size[file] = ((size_t)size + PAGE - 1) & ~(PAGE - 1);
	r.shadow[file] = calloc(1, r.shadow_size[file]);
	MUST(r.shadow[file] != NULL);
	add((struct event){.kind = EVENT_SIZE, .file = (uint8_t)file, .at = (uint64_t)size});
	return 0;
}

ssize_t __real_pwrite64(int fd, const void *from, size_t size, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *from, size_t size, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *from, size_t size, off_t at)
{
	int file = file_of(fd);
	ssize_t n = __real_pwrite64(fd, from, size, at);

	if (file < 0)
		return n;
	MUST(n == (ssize_t)size && r.trace->used + size <= r.trace->bytes_room &&
		(size_t)at + size <= r.shadow_size[file]);
	memcpy(r.trace->bytes + r.trace->used, from, size);
	memcpy(r.shadow[file] + at, from, size);
	add((struct event){.kind = EVENT_WRITE,
		.file = (uint8_t)file,
		.size = (uint32_t)size,
		.at = (uint64_t)at,
		.what = r.trace->used});
	r.trace->used += size;
	return n;
}

int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to)
{
	int failed = __real_link(from, to), kept = errno;

	if (!failed && name_of(to) >= 0)
		add((struct event){.kind = EVENT_LINK, .name = (uint8_t)name_of(from), .to = (uint8_t)name_of(to)});
	errno = kept;
	return failed;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
	int failed = __real_rename(from, to), kept = errno;

	if (!failed && name_of(to) >= 0)
		add((struct event){.kind = EVENT_RENAME, .name = (uint8_t)name_of(from), .to = (uint8_t)name_of(to)});
	errno = kept;
	return failed;
}

int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __wrap_unlink(const char *path)
{
	int failed = __real_unlink(path), kept = errno;

	if (!failed && name_of(path) >= 0)
		add((struct event){.kind = EVENT_UNLINK, .name = (uint8_t)name_of(path)});
	errno = kept;
	return failed;
}

void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	int file = fd >= 0 && flags & MAP_SHARED && protection & PROT_WRITE ? file_of(fd) : -1;
	void *got = __real_mmap64(at, size, file < 0 ? protection : PROT_READ, flags, fd, offset);
	unsigned i = 0;

	if (got == MAP_FAILED || file < 0)
		return got;
	while (i < REGIONS_MAX && r.region[i].at)
		i++;
	MUST(i < REGIONS_MAX && offset == 0 && size <= r.shadow_size[file]);
	r.region[i] = (struct region){.at = got, .size = size, .file = (uint8_t)file};
	return got;
}

int __real_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size)
{
	for (unsigned i = 0; i < REGIONS_MAX; i++) {
		uintptr_t begin = (uintptr_t)r.region[i].at;

		if (begin && begin >= (uintptr_t)at && begin - (uintptr_t)at < size)
			r.region[i].at = NULL;
	}
	return __real_munmap(at, size);
}

int __real_madvise(void *at, size_t size, int advice);
int __wrap_madvise(void *at, size_t size, int advice);
int __wrap_madvise(void *at, size_t size, int advice)
{
	const struct region *g = region_of((uintptr_t)at);
	int failed;

	if (g && advice == MADV_REMOVE) /* wants to be allowed to write */
		MUST(mprotect(at, size, PROT_READ | PROT_WRITE) == 0);
	failed = __real_madvise(at, size, advice);
	if (g && advice == MADV_REMOVE) {
		MUST(failed == 0 && mprotect(at, size, PROT_READ) == 0);
		memset(r.shadow[g->file], 0, r.shadow_size[g->file]);
		add((struct event){.kind = EVENT_PUNCH, .file = g->file});
	}
	return failed;
}

void trace_start(struct trace *t, const char *dir)
{
	if (!t->event) {
		t->room = 400000;
		t->bytes_room = 4 << 20;
		t->event = malloc(t->room * sizeof(*t->event));
		t->bytes = malloc(t->bytes_room);
		MUST(t->event && t->bytes);
	}
	t->events = t->used = 0;
	memset(&r, 0, sizeof(r));
	MUST(strlen(dir) < sizeof(r.dir));
	memcpy(r.dir, dir, strlen(dir));
	r.trace = t;
	handle(SIGSEGV, on_fault);
	handle(SIGTRAP, on_step);
}

void trace_stop(void)
{
	for (unsigned i = 0; i < REGIONS_MAX; i++)
		MUST(!r.region[i].at); /* the writer has let go of its files */
	for (unsigned i = 0; i < r.files; i++)
		free(r.shadow[i]);
	memset(&r, 0, sizeof(r));
	(void)signal(SIGSEGV, SIG_DFL);
	(void)signal(SIGTRAP, SIG_DFL);
}

void trace_free(struct trace *t)
{
	free(t->event);
	free(t->bytes);
	*t = (struct trace){0};
}

/* ---- prefixes */

void image_start(struct image *i)
{
	memset(i, 0, sizeof(*i));
	memset(i->name, -1, sizeof(i->name));
}

void image_free(struct image *i)
{
	for (unsigned n = 0; n < FILES_MAX; n++)
		free(i->file[n]);
	image_start(i);
}

void image_apply(struct image *i, const struct trace *t, size_t event)
{
	const struct event *e = &t->event[event];

	switch ((enum event_kind)e->kind) {
	case EVENT_STORE:
		memcpy(i->file[e->file] + e->at, &e->what, 8);
		break;
	case EVENT_WRITE:
		memcpy(i->file[e->file] + e->at, t->bytes + e->what, e->size);
		break;
	case EVENT_CREATE:
		i->name[e->name] = e->file;
		break;
	case EVENT_SIZE:
		i->size[e->file] = e->at;
		i->file[e->file] = calloc(1, (e->at + 4095) / 4096 * 4096);
		MUST(i->file[e->file] != NULL);
		break;
	case EVENT_PUNCH:
		memset(i->file[e->file], 0, i->size[e->file]);
		break;
	case EVENT_UNLINK:
		i->name[e->name] = -1;
		break;
	case EVENT_RENAME:
	case EVENT_LINK:
		if (e->to == 0)
			i->was_table[i->name[e->name]] = true;
		i->name[e->to] = i->name[e->name];
		if (e->kind == EVENT_RENAME)
			i->name[e->name] = -1;
		break;
	}
}
