/* Logs what a process does to the database files of one folder, in order.
 *
 * Preloaded into the server by the power-cut test, which rebuilds from the log what a disk may
 * hold after the power fails. FAULTS_DIR: the folder. FAULTS_LOG: the log; the test appends to
 * it too, so every record is one write to a file opened for appending.
 *
 * A record, little endian: u8 what; u16 length of the name; u32 length of the data; u64 offset;
 * name; data. What: W write, S file synced, T truncated to offset, U unlinked, R renamed (data:
 * the new name), D folder synced (its name: "" for the folder itself, or "backups").
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static char folder[4096];
static size_t folder_length;
static int log_file = -1;

__attribute__((constructor)) static void begin(void) {
    const char *dir = getenv("FAULTS_DIR"), *path = getenv("FAULTS_LOG");
    if (!dir || !path || !realpath(dir, folder)) return;
    folder_length = strlen(folder);
    log_file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_folder(const char *name) { return !*name || !strcmp(name, "backups"); }

/* The name of a database file in the folder or in its "backups", of one of these two folders, or
 * NULL for anything else. */
static const char *name_of(char *path) {
    if (log_file < 0 || strncmp(path, folder, folder_length)) return NULL;
    char *name = path + folder_length;
    if (*name == '/') name++;
    else if (*name) return NULL;
    if (is_folder(name)) return name;
    if (strchr(name, '/') && strncmp(name, "backups/", 8)) return NULL;
    if (!strstr(name, ".db") || strstr(name, "-shm") || strstr(name, " (deleted)")) return NULL;
    return name;
}

static const char *name_of_file(int file, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, 4095);
    if (length <= 0) return NULL;
    path[length] = 0;
    return name_of(path);
}

static void record(char what, const char *name, uint64_t offset, const void *data, uint32_t length) {
    uint16_t name_length = strlen(name);
    size_t size = 15 + name_length + length;
    char *bytes = malloc(size);
    bytes[0] = what;
    memcpy(bytes + 1, &name_length, 2);
    memcpy(bytes + 3, &length, 4);
    memcpy(bytes + 7, &offset, 8);
    memcpy(bytes + 15, name, name_length);
    if (length) memcpy(bytes + 15 + name_length, data, length);
    if (syscall(SYS_write, log_file, bytes, size) != (ssize_t)size) abort();
    free(bytes);
}

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = dlsym(RTLD_NEXT, #name)

#define POSITIONED_WRITE(name, offset_type) \
    ssize_t name(int file, const void *data, size_t size, offset_type at) { \
        REAL(ssize_t, name, int, const void *, size_t, offset_type); \
        char path[4096]; \
        const char *known = name_of_file(file, path); \
        if (!known) return real(file, data, size, at); \
        pthread_mutex_lock(&order); \
        ssize_t done = real(file, data, size, at); \
        if (done > 0) record('W', known, at, data, done); \
        pthread_mutex_unlock(&order); \
        return done; \
    }
POSITIONED_WRITE(pwrite, off_t)
POSITIONED_WRITE(pwrite64, off64_t)

ssize_t write(int file, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    char path[4096];
    const char *known = file > 2 ? name_of_file(file, path) : NULL;
    if (!known) return real(file, data, size);
    pthread_mutex_lock(&order);
    off_t at = lseek(file, 0, SEEK_CUR);
    ssize_t done = real(file, data, size);
    if (done > 0) record('W', known, at, data, done);
    pthread_mutex_unlock(&order);
    return done;
}

#define SYNC(name) \
    int name(int file) { \
        REAL(int, name, int); \
        char path[4096]; \
        const char *known = name_of_file(file, path); \
        if (!known) return real(file); \
        pthread_mutex_lock(&order); \
        int failed = real(file); \
        if (!failed) record(is_folder(known) ? 'D' : 'S', known, 0, NULL, 0); \
        pthread_mutex_unlock(&order); \
        return failed; \
    }
SYNC(fsync)
SYNC(fdatasync)

#define TRUNCATE(name, offset_type) \
    int name(int file, offset_type size) { \
        REAL(int, name, int, offset_type); \
        char path[4096]; \
        const char *known = name_of_file(file, path); \
        if (!known) return real(file, size); \
        pthread_mutex_lock(&order); \
        int failed = real(file, size); \
        if (!failed) record('T', known, size, NULL, 0); \
        pthread_mutex_unlock(&order); \
        return failed; \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int unlink(const char *target) {
    REAL(int, unlink, const char *);
    char path[4096];
    const char *known = realpath(target, path) ? name_of(path) : NULL;
    pthread_mutex_lock(&order);
    int failed = real(target);
    if (!failed && known) record('U', known, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return failed;
}

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    char old_path[4096], new_path[4096];
    const char *old_name = realpath(from, old_path) ? name_of(old_path) : NULL;
    pthread_mutex_lock(&order);
    int failed = real(from, to);
    const char *new_name = !failed && realpath(to, new_path) ? name_of(new_path) : NULL;
    if (old_name && new_name) record('R', old_name, 0, new_name, strlen(new_name));
    pthread_mutex_unlock(&order);
    return failed;
}
