/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_VFS_SHIM_H
#define TEST_CRASH_VFS_SHIM_H

/* Makes a VFS the default whose files are on the disk of disk.h. Locks and the shared memory, which a power cut takes
 * anyway, are the unix VFS's, on the empty file that jt_db_open() makes. Returns SQLite's code. */
int vfs_shim_register(void);

#endif
