/* A layer between a process and its file system, for tests: preloaded, it counts every operation on
 * files under a root, and makes the one with a given number fail, or kills the process there.
 *
 * For power cuts it notes what has reached the device, in a folder beside the root: `data/<inode>`
 * is a file's content when it was flushed last, `names/<inode>` what a folder held when that was.
 * Removed files are kept by a link, so that no inode is used twice.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, FULL, ERROR };

static char root[PATH_MAX], shadow[PATH_MAX];
static int kind, reads_too;
static long at, passed, kept;
static __thread int inside;

#define REAL(name) ((typeof(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

/* Begin: `fault` strikes at operation `number`; reads are counted only where `with_reads`. */
void faults_begin(const char *folder, const char *beside, int fault, long number, int with_reads) {
    snprintf(root, sizeof root, "%s", folder);
    snprintf(shadow, sizeof shadow, "%s", beside);
    kind = fault, at = number, reads_too = with_reads, passed = 0;
}

long faults_passed(void) { return passed; }
void faults_end(void) { root[0] = 0; }

static int under(const char *path) {
    size_t length = strlen(root);
    return length && !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
}

static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int fd_under(int fd) {
    char path[PATH_MAX];
    return !inside && root[0] && path_of(fd, path) && under(path);
}

static int named(int folder, const char *name, char *path) {
    if (inside || !root[0] || !name) return 0;
    if (name[0] == '/') snprintf(path, PATH_MAX, "%s", name);
    else if (folder == AT_FDCWD) {
        if (!getcwd(path, PATH_MAX)) return 0;
        strncat(path, "/", PATH_MAX - strlen(path) - 1);
        strncat(path, name, PATH_MAX - strlen(path) - 1);
    } else {
        if (!path_of(folder, path)) return 0;
        strncat(path, "/", PATH_MAX - strlen(path) - 1);
        strncat(path, name, PATH_MAX - strlen(path) - 1);
    }
    return under(path);
}

enum { READING, REMOVING, WRITING };

/* Count an operation; returns the error that it is to fail with, 0 for none. */
static int strikes(int what) {
    if (what == READING && !reads_too) return 0;
    long number = __atomic_add_fetch(&passed, 1, __ATOMIC_SEQ_CST);
    if (kind == KILL && number == at) kill(getpid(), SIGKILL);
    if (kind == FULL && number >= at && what == WRITING) return ENOSPC;
    if (kind == ERROR && number == at) return EIO;
    return 0;
}

static int half_written(void) { return kind == KILL && passed + 1 == at; }

static void note_file(int fd, const struct stat *status) {
    char from[64], new[PATH_MAX + 80], final[PATH_MAX + 64], block[1 << 16];
    snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    snprintf(final, sizeof final, "%s/data/%lu", shadow, status->st_ino);
    snprintf(new, sizeof new, "%s.new", final);
    int in = open(from, O_RDONLY), out = open(new, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ssize_t count;
    while (in >= 0 && out >= 0 && (count = read(in, block, sizeof block)) > 0)
        if (write(out, block, count) != count) abort();
    close(in), close(out);
    rename(new, final);
}

static void note_folder(const char *path, const struct stat *status) {
    char new[PATH_MAX + 80], final[PATH_MAX + 64];
    snprintf(final, sizeof final, "%s/names/%lu", shadow, status->st_ino);
    snprintf(new, sizeof new, "%s.new", final);
    FILE *out = fopen(new, "w");
    DIR *listing = opendir(path);
    for (struct dirent *entry; out && listing && (entry = readdir(listing));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
            struct stat found;
            if (!fstatat(dirfd(listing), entry->d_name, &found, AT_SYMLINK_NOFOLLOW))
                fprintf(out, "%lu %c %s\n", found.st_ino, S_ISDIR(found.st_mode) ? 'd' : 'f',
                        entry->d_name);
        }
    if (listing) closedir(listing);
    if (out) fclose(out);
    rename(new, final);
}

static void note_flush(int fd) {
    struct stat status;
    char path[PATH_MAX];
    if (!shadow[0] || fstat(fd, &status) || !path_of(fd, path)) return;
    inside++;
    if (S_ISDIR(status.st_mode)) note_folder(path, &status);
    else note_file(fd, &status);
    inside--;
}

/* Keep an inode that is about to lose a name. */
static void keep(const char *path) {
    char place[PATH_MAX + 64];
    if (!shadow[0]) return;
    inside++;
    snprintf(place, sizeof place, "%s/kept/%d-%ld", shadow, getpid(), kept++);
    if (link(path, place)) errno = 0;
    inside--;
}

#define FAIL(error) do { int found = (error); if (found) { errno = found; return -1; } } while (0)

static int opened(int folder, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    if (named(folder, name, path))
        FAIL(strikes(flags & (O_CREAT | O_TRUNC) ? WRITING : READING));
    return REAL(openat64)(folder, name, flags, mode);
}

#define MODE(flags, mode) do { if ((flags) & O_CREAT) { va_list all; va_start(all, flags); \
    mode = va_arg(all, mode_t); va_end(all); } } while (0)

int open(const char *name, int flags, ...) {
    mode_t mode = 0; MODE(flags, mode); return opened(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...) {
    mode_t mode = 0; MODE(flags, mode); return opened(AT_FDCWD, name, flags, mode);
}
int openat(int folder, const char *name, int flags, ...) {
    mode_t mode = 0; MODE(flags, mode); return opened(folder, name, flags, mode);
}
int openat64(int folder, const char *name, int flags, ...) {
    mode_t mode = 0; MODE(flags, mode);
    if (inside) return REAL(openat64)(folder, name, flags, mode);
    return opened(folder, name, flags, mode);
}

ssize_t write(int fd, const void *from, size_t size) {
    if (fd_under(fd)) {
        if (half_written() && size > 1) REAL(write)(fd, from, size / 2);
        FAIL(strikes(WRITING));
    }
    return REAL(write)(fd, from, size);
}
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t place) {
    if (fd_under(fd)) FAIL(strikes(WRITING));
    return REAL(pwrite64)(fd, from, size, place);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (fd_under(fd)) FAIL(strikes(WRITING));
    return REAL(writev)(fd, parts, count);
}
ssize_t sendfile64(int out, int in, off64_t *place, size_t size) {
    if (fd_under(out)) FAIL(strikes(WRITING));
    return REAL(sendfile64)(out, in, place, size);
}
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags) {
    if (fd_under(out)) FAIL(strikes(WRITING));
    return REAL(copy_file_range)(in, from, out, to, size, flags);
}
int ftruncate64(int fd, off64_t size) {
    if (fd_under(fd)) FAIL(strikes(WRITING));
    return REAL(ftruncate64)(fd, size);
}
ssize_t read(int fd, void *to, size_t size) {
    if (fd_under(fd)) FAIL(strikes(READING));
    return REAL(read)(fd, to, size);
}
ssize_t pread64(int fd, void *to, size_t size, off64_t place) {
    if (fd_under(fd)) FAIL(strikes(READING));
    return REAL(pread64)(fd, to, size, place);
}
DIR *opendir(const char *name) {
    char path[PATH_MAX];
    if (named(AT_FDCWD, name, path)) {
        int error = strikes(READING);
        if (error) { errno = error; return NULL; }
    }
    return REAL(opendir)(name);
}
int fsync(int fd) {
    int ours = fd_under(fd);
    if (ours) FAIL(strikes(WRITING));
    int result = REAL(fsync)(fd);
    if (ours && !result) note_flush(fd);
    return result;
}
int fdatasync(int fd) {
    int ours = fd_under(fd);
    if (ours) FAIL(strikes(WRITING));
    int result = REAL(fdatasync)(fd);
    if (ours && !result) note_flush(fd);
    return result;
}

static int renamed(int one, const char *old, int other, const char *new) {
    char from[PATH_MAX], to[PATH_MAX];
    int ours = named(one, old, from);
    if (named(other, new, to) || ours) {
        FAIL(strikes(WRITING));
        keep(to);
    }
    return REAL(renameat)(one, old, other, new);
}
int rename(const char *old, const char *new) { return renamed(AT_FDCWD, old, AT_FDCWD, new); }
int renameat(int one, const char *old, int other, const char *new) {
    if (inside) return REAL(renameat)(one, old, other, new);
    return renamed(one, old, other, new);
}

static int unlinked(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    if (named(folder, name, path)) {
        FAIL(strikes(REMOVING));
        if (!(flags & AT_REMOVEDIR)) keep(path);
    }
    return REAL(unlinkat)(folder, name, flags);
}
int unlink(const char *name) { return unlinked(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinked(AT_FDCWD, name, AT_REMOVEDIR); }
int unlinkat(int folder, const char *name, int flags) {
    if (inside) return REAL(unlinkat)(folder, name, flags);
    return unlinked(folder, name, flags);
}

int mkdir(const char *name, mode_t mode) {
    char path[PATH_MAX];
    if (named(AT_FDCWD, name, path)) FAIL(strikes(WRITING));
    return REAL(mkdir)(name, mode);
}
int linkat(int one, const char *old, int other, const char *new, int flags) {
    char path[PATH_MAX];
    if (named(other, new, path)) FAIL(strikes(WRITING));
    return REAL(linkat)(one, old, other, new, flags);
}
int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }
