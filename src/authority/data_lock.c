/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *jt_data_path(const char *data, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", data, name) < 0 ? NULL : path;
}

/* What the file says of its holder: "pid 123". */
static enum jt_result say_holder(int fd, const char *data, struct jt_why *why)
{
	char text[32] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? strspn(text, "pid 0123456789") : 0] = '\0';
	return jt_why_say(why, JT_LOCKED, "another server (%s) uses %s", *text ? text : "of unknown pid", data);
}

enum jt_result jt_data_lock(const char *data, int *fd, struct jt_why *why)
{
	const struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct flock lock = whole;
	char *path = jt_data_path(data, "lock");
	char text[32];
	enum jt_result r = JT_OK;
	int n = snprintf(text, sizeof(text), "pid %ld\n", (long)getpid());

	*fd = -1;
	if (!path)
		return JT_NOMEM;
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0 && errno == ENOENT)
		r = jt_why_say(why, JT_IO, "there is no data directory %s: jeton init makes one", data);
	else if (*fd < 0)
		r = jt_why_say(
			why, errno == ENOSPC ? JT_DISK_FULL : JT_IO, "cannot open %s: %s", path, strerror(errno));
	/* Of the open file, not of the process: it is not lost when somebody else here closes the same file. */
	else if (fcntl(*fd, F_OFD_SETLK, &lock) != 0)
		r = errno == EAGAIN || errno == EACCES
			    ? say_holder(*fd, data, why)
			    : jt_why_say(why, JT_IO, "cannot lock %s: %s", path, strerror(errno));
	else if (ftruncate(*fd, 0) != 0 || pwrite(*fd, text, (size_t)n, 0) != n)
		r = jt_why_say(
			why, errno == ENOSPC ? JT_DISK_FULL : JT_IO, "cannot write %s: %s", path, strerror(errno));
	if (r != JT_OK && *fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
	free(path);
	return r;
}
