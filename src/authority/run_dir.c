/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/authority.h"

#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool is_tmpfs(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

enum jt_result jt_run_dir(char *out, size_t size)
{
	const char *given = getenv("RUNTIME_DIRECTORY");
	int n = 0;

	if (given && given[0] == '/')
		n = snprintf(out, size, "%s", given);
	else if (geteuid() == 0 && is_tmpfs("/run"))
		n = snprintf(out, size, "/run/jeton");
	else
		n = snprintf(out, size, "/dev/shm/jeton-%lu", (unsigned long)geteuid());
	return n > 0 && (size_t)n < size ? JT_OK : JT_TOO_LONG;
}
