/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usb-rules: the text of the usb-policy, of a target {"file"}; null where the
 * file is not there.
 */
#include "apply/kinds.h"

#include "backend/backend.h"

static int rules_read(const xt_hands *hands, const xtune_action *action,
                      xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    const char *text;
    int rc;

    (void)action;
    rc = hands->backend->ops->get_usb_rules(hands->backend, arena, &text, err);
    if (!rc) *value_r = xt_json_string(arena, text);
    return rc;
}

static int rules_write(const xt_hands *hands, const xtune_action *action,
                       const xt_json *value, xtune_arena *arena, xt_made *made,
                       xtune_error **err)
{
    (void)arena;
    (void)made;
    if (value->type != XT_JSON_STRING && value->type != XT_JSON_NULL)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say what it is to be");
    return hands->backend->ops->set_usb_rules(hands->backend,
                                              xt_json_text(value), err);
}

static bool rules_last(const xtune_action *action)
{
    (void)action;
    return true;
}

const xt_action_kind xt_kind_usb_rules = {
    .name = "usb-rules",
    .lasts = rules_last,
    .read = rules_read,
    .write = rules_write,
};
