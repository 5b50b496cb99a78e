/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CRASH_DISK_H
#define TEST_CRASH_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A disk that can lose its power. What a program writes it can read back at once, but it is on the platter only after a
 * sync; at a cut each sector written since then survives, is lost, or is torn, in any order; so do creations, deletions and
 * truncations. One thread. Only as much as SQLite needs: one flat directory, no renames. */
struct disk_file;

/* Deterministic random numbers: the same seed, the same cut. */
void disk_seed(uint64_t seed);
uint64_t disk_random(uint64_t below);

/* Forgets everything, power on. */
void disk_format(void);
/* Cuts the power at the n-th operation from now (from 1) that writes, truncates, syncs or deletes; 0: never. */
void disk_cut_after(uint64_t operations);
bool disk_is_cut(void);
/* The power is back: files hold what survived. All files must have been closed. */
void disk_power_on(void);
/* Operations since the power came on. */
uint64_t disk_operations(void);

enum disk_create { DISK_MUST_EXIST, DISK_CREATE, DISK_CREATE_SYNCED };
/* NULL: it does not exist, or the power is off. CREATE_SYNCED: the directory entry is durable at once. */
struct disk_file *disk_open(const char *path, enum disk_create create);
void disk_close(struct disk_file *f);
bool disk_exists(const char *path);
/* These return false when the power is off, or goes off now. */
bool disk_delete(const char *path, bool sync_directory);
/* *got: how many bytes there were; the rest of `to` is zeroed. */
bool disk_read(struct disk_file *f, void *to, size_t size, uint64_t offset, size_t *got);
bool disk_write(struct disk_file *f, const void *from, size_t size, uint64_t offset);
bool disk_truncate(struct disk_file *f, uint64_t size);
/* The file's bytes and size; the directory entry too if `directory`. */
bool disk_sync(struct disk_file *f, bool directory);
uint64_t disk_size(const struct disk_file *f);

#endif
