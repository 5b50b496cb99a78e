/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite.h"

#include <stdlib.h>
#include <string.h>

/* SQLite writes a commit's frames to the log in two writes each (https://www.sqlite.org/fileformat2.html#the_write_ahead_log),
 * some two dozen for one new token, which cost as much as the fdatasync after them. This VFS holds consecutive ones and hands
 * them on in one write. It never holds a commit back: the write that completes a commit frame hands on all there is, and only
 * after it does SQLite sync the log and show the commit to other connections. */

#define ROOM (128 * 1024)
#define FRAME_HEADER_SIZE 24 /* bytes 4 to 7 are zero except in a commit frame */

struct wal_file {
	sqlite3_file base;
	sqlite3_file *inner; /* right behind this struct */
	uint8_t *held;       /* ROOM bytes, from the first write on */
	int size;            /* of what is held */
	sqlite3_int64 at;    /* its place in the file */
	sqlite3_int64 end;   /* where the last write ended */
	bool commits;        /* the last frame header was that of a commit frame */
};

static struct wal_file *of(sqlite3_file *file)
{
	return (struct wal_file *)(void *)file;
}

static int hand_on(struct wal_file *f)
{
	const int size = f->size;

	f->size = 0;
	return size > 0 ? f->inner->pMethods->xWrite(f->inner, f->held, size, f->at) : SQLITE_OK;
}

static bool is_commit(const uint8_t header[FRAME_HEADER_SIZE])
{
	static const uint8_t zero[4];

	return memcmp(header + 4, zero, sizeof(zero)) != 0;
}

static int wal_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
	struct wal_file *f = of(file);
	const bool appends = offset == 0 || offset == f->end;
	int code = SQLITE_OK;

	if (size == FRAME_HEADER_SIZE)
		f->commits = is_commit(data);
	f->end = offset + size;
	if (f->size > 0 && (offset != f->at + f->size || size > ROOM - f->size))
		code = hand_on(f);
	if (code == SQLITE_OK && !f->held)
		f->held = malloc(ROOM);
	if (code != SQLITE_OK)
		return code;
	/* What goes back to an earlier frame (checksums written anew) is not followed by a page that would hand it on. */
	if (!appends || !f->held || size > ROOM)
		return f->inner->pMethods->xWrite(f->inner, data, size, offset);
	if (f->size == 0)
		f->at = offset;
	memcpy(f->held + f->size, data, (size_t)size);
	f->size += size;
	return f->commits && size != FRAME_HEADER_SIZE ? hand_on(f) : SQLITE_OK;
}

static int wal_close(sqlite3_file *file)
{
	struct wal_file *f = of(file);
	int code = hand_on(f);
	int closed = f->inner->pMethods->xClose(f->inner);

	free(f->held);
	f->held = NULL;
	return code != SQLITE_OK ? code : closed;
}

static int wal_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset)
{
	int code = hand_on(of(file));

	return code != SQLITE_OK ? code : of(file)->inner->pMethods->xRead(of(file)->inner, out, size, offset);
}

static int wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int code = hand_on(of(file));

	return code != SQLITE_OK ? code : of(file)->inner->pMethods->xTruncate(of(file)->inner, size);
}

static int wal_sync(sqlite3_file *file, int flags)
{
	int code = hand_on(of(file));

	return code != SQLITE_OK ? code : of(file)->inner->pMethods->xSync(of(file)->inner, flags);
}

static int wal_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int code = hand_on(of(file));

	return code != SQLITE_OK ? code : of(file)->inner->pMethods->xFileSize(of(file)->inner, size);
}

static int wal_lock(sqlite3_file *file, int level)
{
	return of(file)->inner->pMethods->xLock(of(file)->inner, level);
}

static int wal_unlock(sqlite3_file *file, int level)
{
	return of(file)->inner->pMethods->xUnlock(of(file)->inner, level);
}

static int wal_locked(sqlite3_file *file, int *locked)
{
	return of(file)->inner->pMethods->xCheckReservedLock(of(file)->inner, locked);
}

static int wal_control(sqlite3_file *file, int op, void *arg)
{
	return of(file)->inner->pMethods->xFileControl(of(file)->inner, op, arg);
}

static int wal_sector_size(sqlite3_file *file)
{
	return of(file)->inner->pMethods->xSectorSize(of(file)->inner);
}

static int wal_device(sqlite3_file *file)
{
	return of(file)->inner->pMethods->xDeviceCharacteristics(of(file)->inner);
}

static const sqlite3_io_methods methods = {.iVersion = 1,
	.xClose = wal_close,
	.xRead = wal_read,
	.xWrite = wal_write,
	.xTruncate = wal_truncate,
	.xSync = wal_sync,
	.xFileSize = wal_size,
	.xLock = wal_lock,
	.xUnlock = wal_unlock,
	.xCheckReservedLock = wal_locked,
	.xFileControl = wal_control,
	.xSectorSize = wal_sector_size,
	.xDeviceCharacteristics = wal_device};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);
	struct wal_file *f = of(file);
	int code = SQLITE_OK;

	(void)vfs;
	if (!(flags & SQLITE_OPEN_WAL))
		return below->xOpen(below, name, file, flags, out_flags);
	memset(f, 0, sizeof(*f));
	f->inner = (sqlite3_file *)(void *)(f + 1);
	f->end = -1;
	code = below->xOpen(below, name, f->inner, flags, out_flags);
	/* Without methods, SQLite does not close it. */
	f->base.pMethods = code == SQLITE_OK ? &methods : NULL;
	if (code != SQLITE_OK && f->inner->pMethods)
		(void)f->inner->pMethods->xClose(f->inner);
	return code;
}

const char *jt_sqlite_vfs(void)
{
	static sqlite3_vfs vfs;
	const sqlite3_vfs *below = sqlite3_vfs_find(NULL);

	vfs = *below; /* all but opening is the one below's */
	vfs.zName = "jeton";
	vfs.pNext = NULL;
	vfs.szOsFile += (int)sizeof(struct wal_file);
	vfs.xOpen = open_file;
	return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? vfs.zName : NULL;
}
