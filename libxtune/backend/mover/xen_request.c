/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading what is to be moved, strictly. */
#include "backend/mover/mover.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/util.h"

#define OBJECT "request"

static int invalid(xtune_error **err, const char *what)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, OBJECT, NULL, "%s",
                           what);
}

static int read_text(xtune_arena *arena, int fd, char **text_r, size_t *len_r,
                     xtune_error **err)
{
    char *text = xtune_arena_alloc(arena, MOVER_MAX_REQUEST + 1, 1);
    size_t len = 0;
    ssize_t n;

    for (;;) {
        n = read(fd, text + len, MOVER_MAX_REQUEST + 1 - len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            return xtune_error_set(err, XTUNE_ERR_IO, errno, OBJECT, NULL,
                                   "cannot read it: %s", strerror(errno));
        if (n == 0) break;
        len += (size_t)n;
        if (len > MOVER_MAX_REQUEST) return invalid(err, "it is too long");
    }
    *text_r = text;
    *len_r = len;
    return 0;
}

static int check_members(const xt_json *json, const char *const *known,
                         size_t nr, xtune_error **err)
{
    size_t i, k;

    if (json->type != XT_JSON_OBJECT) return invalid(err, "not an object");
    for (k = 0; k < nr; k++)
        if (!xt_json_get(json, known[k]))
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, OBJECT, NULL,
                                   "\"%s\" is missing", known[k]);
    for (i = 0; i < json->nr; i++) {
        for (k = 0; k < nr && strcmp(json->keys[i], known[k]); k++)
            continue;
        if (k == nr)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, OBJECT, NULL,
                                   "unknown member \"%s\"", json->keys[i]);
    }
    return 0;
}

static int read_vcpus(xtune_arena *arena, const xt_json *json,
                      mover_request *r, xtune_error **err)
{
    static const char *const known[] = { "hard", "soft" };
    size_t i;
    int rc;

    r->keep_masks = json->type == XT_JSON_NULL;
    if (r->keep_masks) return 0;
    if (json->type != XT_JSON_ARRAY || json->nr == 0)
        return invalid(err, "\"vcpus\" is neither null nor a list");
    r->nr_vcpus = json->nr;
    r->vcpus = XTUNE_NEW_ARRAY(arena, mover_vcpu, json->nr);
    for (i = 0; i < json->nr; i++) {
        rc = check_members(json->items[i], known, XT_ARRAY_SIZE(known), err);
        if (rc) return rc;
        r->vcpus[i].hard = xt_json_text(xt_json_get(json->items[i], "hard"));
        r->vcpus[i].soft = xt_json_text(xt_json_get(json->items[i], "soft"));
        if (!r->vcpus[i].hard || !r->vcpus[i].soft)
            return invalid(err, "a mask is not text");
    }
    return 0;
}

static bool is_name(const char *name)
{
    size_t i, len = name ? strlen(name) : 0;

    for (i = 0; i < len; i++)
        if (iscntrl((unsigned char)name[i]) || name[i] == '/') return false;
    return len > 0 && len <= MOVER_MAX_NAME;
}

static int read_members(xtune_arena *arena, const xt_json *json,
                        mover_request *r, xtune_error **err)
{
    const xt_json *pause = xt_json_get(json, "pause");
    const xt_json *nodes = xt_json_get(json, "nodes");
    uint64_t domid;

    if (!xt_json_to_u64(xt_json_get(json, "domid"), XT_LIBXL_MAX_DOMID,
                        &domid) ||
        !domid)
        return invalid(err, "\"domid\" is not that of a guest");
    r->domid = (uint32_t)domid;
    r->uuid = xt_json_text(xt_json_get(json, "uuid"));
    if (!r->uuid) return invalid(err, "\"uuid\" is not text");
    r->name = xt_json_text(xt_json_get(json, "name"));
    if (!is_name(r->name)) return invalid(err, "\"name\" is not a name");
    if (pause->type != XT_JSON_BOOL)
        return invalid(err, "\"pause\" is neither true nor false");
    r->pause = pause->boolean;
    r->nodes = xt_json_text(nodes);
    if (!r->nodes && nodes->type != XT_JSON_NULL)
        return invalid(err, "\"nodes\" is neither null nor text");
    return read_vcpus(arena, xt_json_get(json, "vcpus"), r, err);
}

int mover_request_read(xtune_arena *arena, int fd, mover_request *request_r,
                       xtune_error **err)
{
    static const char *const known[] = { "domid", "uuid",  "name",
                                         "pause", "nodes", "vcpus" };
    mover_request request = { 0 };
    char *text = NULL;
    xt_json *json;
    size_t len = 0;
    int rc;

    rc = read_text(arena, fd, &text, &len, err);
    if (!rc) rc = xt_json_parse(arena, text, len, OBJECT, &json, err);
    if (!rc) rc = check_members(json, known, XT_ARRAY_SIZE(known), err);
    if (!rc) rc = read_members(arena, json, &request, err);
    if (!rc) *request_r = request;
    return rc;
}

int mover_uuid_read(mover *m, const char *text, xtune_error **err)
{
    return xt_libxl_read_uuid(m->arena, text, &m->id, &m->uuid, err);
}
