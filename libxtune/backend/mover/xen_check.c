/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What cannot be moved: what Xen or libxl do not migrate, and what two copies
 * on one host would quarrel about.
 */
#include "backend/mover/mover.h"

#include <stdio.h>
#include <string.h>

#include "base/util.h"

static int refuse(const mover *m, xtune_error **err, const char *hint,
                  const char *why)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, m->name, hint, "%s",
                           why);
}

static int check_state(mover *m, const mover_domain *domain, size_t nr,
                       xtune_error **err)
{
    if (nr > 1 || domain->suspended || mover_name_is_marked(domain->name))
        return refuse(m, err, NULL, "a migration of it is under way");
    if (domain->shut) return refuse(m, err, NULL, "it has shut down");
    if (domain->paused)
        return refuse(m, err, "unpause it first", "it is paused");
    if (strcmp(domain->name, m->name))
        return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, m->name, NULL,
                               "it is called \"%s\" now", domain->name);
    return 0;
}

static bool has_userdata(mover *m, uint32_t domid, const char *id)
{
    uint8_t *data = NULL;
    int len = 0;
    bool has;

    has = !libxl_userdata_retrieve(m->ctx, domid, id, &data, &len) && data &&
          len > 0;
    free(data);
    return has;
}

static int check_toolstack(mover *m, uint32_t domid, xtune_error **err)
{
    if (has_userdata(m, domid, "libvirt-xml"))
        return refuse(m, err, NULL, "libvirt manages it, which would lose it");
    if (!has_userdata(m, domid, "libxl-json"))
        return refuse(m, err, NULL,
                      "libxl has no configuration of it: another toolstack "
                      "manages it");
    return 0;
}

static bool is_true(libxl_defbool value)
{
    return !libxl_defbool_is_default(value) && libxl_defbool_val(value);
}

static bool is_false(libxl_defbool value)
{
    return !libxl_defbool_is_default(value) && !libxl_defbool_val(value);
}

static bool is_nested(const libxl_domain_build_info *b)
{
    return is_true(b->nested_hvm) ||
           (b->type == LIBXL_DOMAIN_TYPE_HVM && is_true(b->u.hvm.nested_hvm));
}

static bool has_host_usb(const libxl_domain_config *config)
{
    const libxl_domain_build_info *b = &config->b_info;
    char **p;

    if (b->type != LIBXL_DOMAIN_TYPE_HVM) return false;
    if (b->u.hvm.usbdevice && !strncmp(b->u.hvm.usbdevice, "host:", 5))
        return true;
    for (p = b->u.hvm.usbdevice_list; p && *p; p++)
        if (!strncmp(*p, "host:", 5)) return true;
    return false;
}

static int check_hardware(mover *m, const libxl_domain_config *config,
                          xtune_error **err)
{
    const libxl_domain_build_info *b = &config->b_info;

    if (b->num_vnuma_nodes)
        return refuse(m, err, "it is placed anew when it is created",
                      "it sees virtual NUMA nodes, which libxl does not "
                      "migrate");
    if (is_nested(b))
        return refuse(m, err, NULL,
                      "it may run virtual machines of its own, whose state "
                      "Xen does not migrate");
    if (is_true(b->disable_migrate))
        return refuse(m, err, NULL,
                      "its configuration forbids migration: \"nomigrate\"");
    if (is_true(b->device_model_stubdomain))
        return refuse(m, err, NULL, "its device model is in a stub domain");
    if (config->num_pcidevs)
        return refuse(m, err, "detach them", "it has PCI devices of the host");
    /* Attached when the device model runs, they are unknown to the one that
     * reads the old one's state. */
    if (config->num_usbctrls || config->num_usbdevs || has_host_usb(config))
        return refuse(m, err, "detach them",
                      "it has USB controllers or devices of the host");
    return 0;
}

/* Whether it insists on a port, which only one of two can have. */
static bool has_fixed_vnc(const libxl_vnc_info *vnc)
{
    return is_true(vnc->enable) && is_false(vnc->findunused);
}

static int check_twice(mover *m, const libxl_domain_config *config,
                       xtune_error **err)
{
    const libxl_domain_build_info *b = &config->b_info;
    int i;

    for (i = 0; i < config->num_nics; i++)
        if (config->nics[i].ifname && config->nics[i].ifname[0])
            return refuse(m, err, NULL,
                          "a network interface has a name of its own, which "
                          "two cannot have: \"vifname\"");
    for (i = 0; i < config->num_vfbs; i++)
        if (has_fixed_vnc(&config->vfbs[i].vnc)) break;
    if (i < config->num_vfbs ||
        (b->type == LIBXL_DOMAIN_TYPE_HVM && has_fixed_vnc(&b->u.hvm.vnc)))
        return refuse(m, err, NULL,
                      "its VNC server has a fixed port, which two cannot "
                      "have: \"vncunused=0\"");
    if (b->type == LIBXL_DOMAIN_TYPE_HVM && is_true(b->u.hvm.spice.enable))
        return refuse(m, err, NULL,
                      "its SPICE server has a fixed port, which two cannot "
                      "have");
    return 0;
}

int mover_check(mover *m, uint32_t domid, libxl_domain_config *config,
                xtune_error **err)
{
    const mover_domain *domain;
    mover_domain *domains;
    size_t nr;
    int rc;

    rc = mover_look(m, &domains, &nr, err);
    if (rc) return rc;
    domain = mover_domain_find(domains, nr, domid);
    if (!domain)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0,
                               m->name ? m->name : m->uuid, NULL,
                               "the domain is gone");
    if (!m->name) m->name = domain->name;
    rc = check_state(m, domain, nr, err);
    if (!rc) rc = check_toolstack(m, domid, err);
    if (rc) return rc;
    if (libxl_retrieve_domain_configuration(m->ctx, domid, config, NULL))
        return mover_libxl_error(m, err, "read its configuration");
    rc = check_hardware(m, config, err);
    return rc ? rc : check_twice(m, config, err);
}
