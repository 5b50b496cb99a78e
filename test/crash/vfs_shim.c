/* SPDX-License-Identifier: Apache-2.0 */
#include "vfs_shim.h"

#include "disk.h"

#include <sqlite3.h>
#include <string.h>

struct shim_file {
	sqlite3_file base;
	struct disk_file *disk;
	sqlite3_file *real; /* of the main database only; follows this struct in memory */
	bool fresh;         /* created here: the first sync also syncs the directory, as the unix VFS does */
};

static sqlite3_vfs *unix_vfs;
static sqlite3_vfs shim_vfs;

static struct shim_file *shim_of(sqlite3_file *f)
{
	return (struct shim_file *)f;
}

static int shim_close(sqlite3_file *file)
{
	struct shim_file *f = shim_of(file);

	if (f->real && f->real->pMethods)
		(void)f->real->pMethods->xClose(f->real);
	disk_close(f->disk);
	f->disk = NULL;
	return SQLITE_OK;
}

static int shim_read(sqlite3_file *file, void *to, int size, sqlite3_int64 offset)
{
	size_t got = 0;

	if (!disk_read(shim_of(file)->disk, to, (size_t)size, (uint64_t)offset, &got))
		return SQLITE_IOERR_READ;
	return got == (size_t)size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int shim_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 offset)
{
	return disk_write(shim_of(file)->disk, from, (size_t)size, (uint64_t)offset) ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return disk_truncate(shim_of(file)->disk, (uint64_t)size) ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int shim_sync(sqlite3_file *file, int flags)
{
	struct shim_file *f = shim_of(file);

	(void)flags;
	if (!disk_sync(f->disk, f->fresh))
		return SQLITE_IOERR_FSYNC;
	f->fresh = false;
	return SQLITE_OK;
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)disk_size(shim_of(file)->disk);
	return SQLITE_OK;
}

static int shim_lock(sqlite3_file *file, int level)
{
	sqlite3_file *real = shim_of(file)->real;

	return real ? real->pMethods->xLock(real, level) : SQLITE_OK;
}

static int shim_unlock(sqlite3_file *file, int level)
{
	sqlite3_file *real = shim_of(file)->real;

	return real ? real->pMethods->xUnlock(real, level) : SQLITE_OK;
}

static int shim_reserved(sqlite3_file *file, int *reserved)
{
	sqlite3_file *real = shim_of(file)->real;

	*reserved = 0;
	return real ? real->pMethods->xCheckReservedLock(real, reserved) : SQLITE_OK;
}

static int shim_control(sqlite3_file *file, int what, void *arg)
{
	(void)file;
	(void)what;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int shim_sector(sqlite3_file *file)
{
	(void)file;
	return 4096; /* what the unix VFS says */
}

static int shim_traits(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* what the unix VFS says: bytes beside a write are not harmed */
}

static int shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **at)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xShmMap(real, page, size, extend, at);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xShmLock(real, offset, n, flags);
}

static void shim_shm_barrier(sqlite3_file *file)
{
	sqlite3_file *real = shim_of(file)->real;

	real->pMethods->xShmBarrier(real);
}

static int shim_shm_unmap(sqlite3_file *file, int remove)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xShmUnmap(real, remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = shim_close,
	.xRead = shim_read,
	.xWrite = shim_write,
	.xTruncate = shim_truncate,
	.xSync = shim_sync,
	.xFileSize = shim_size,
	.xLock = shim_lock,
	.xUnlock = shim_unlock,
	.xCheckReservedLock = shim_reserved,
	.xFileControl = shim_control,
	.xSectorSize = shim_sector,
	.xDeviceCharacteristics = shim_traits,
	.xShmMap = shim_shm_map,
	.xShmLock = shim_shm_lock,
	.xShmBarrier = shim_shm_barrier,
	.xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct shim_file *f = shim_of(file);
	bool main_db = (flags & SQLITE_OPEN_MAIN_DB) != 0;
	enum disk_create create = main_db                        ? DISK_CREATE_SYNCED
				  : (flags & SQLITE_OPEN_CREATE) ? DISK_CREATE
								 : DISK_MUST_EXIST;

	(void)vfs;
	memset(f, 0, sizeof(*f));
	/* Temporary files are kept in memory (temp_store), so none is ever opened. */
	if (!name || (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) == 0)
		return SQLITE_CANTOPEN;
	f->fresh = !main_db && (flags & SQLITE_OPEN_CREATE) && !disk_exists(name);
	f->disk = disk_open(name, create);
	if (!f->disk)
		return SQLITE_CANTOPEN;
	if (main_db) {
		int code = SQLITE_OK;

		f->real = (sqlite3_file *)(void *)(f + 1);
		code = unix_vfs->xOpen(unix_vfs, name, f->real, flags, out_flags);
		if (code != SQLITE_OK) {
			disk_close(f->disk);
			return code;
		}
	} else if (out_flags) {
		*out_flags = flags;
	}
	f->base.pMethods = &methods;
	return SQLITE_OK;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
	(void)vfs;
	if (!disk_exists(name))
		return SQLITE_IOERR_DELETE_NOENT;
	return disk_delete(name, sync_directory != 0) ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

static int shim_access(sqlite3_vfs *vfs, const char *name, int flags, int *there)
{
	(void)vfs;
	(void)flags;
	*there = disk_exists(name);
	return SQLITE_OK;
}

int vfs_shim_register(void)
{
	unix_vfs = sqlite3_vfs_find("unix");
	if (!unix_vfs)
		return SQLITE_ERROR;
	shim_vfs = *unix_vfs;
	shim_vfs.pNext = NULL;
	shim_vfs.zName = "power-cut";
	shim_vfs.szOsFile = (int)sizeof(struct shim_file) + unix_vfs->szOsFile;
	shim_vfs.xOpen = shim_open;
	shim_vfs.xDelete = shim_delete;
	shim_vfs.xAccess = shim_access;
	return sqlite3_vfs_register(&shim_vfs, 1);
}
