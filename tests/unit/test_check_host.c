/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of toolstacks, command lines and devices. */
#include "check_rule.h"

/* Toolstacks. */

static void use_words(xtune_host *host, const char ***words, size_t *nr,
                      const char *a, const char *b)
{
    *words = XTUNE_NEW_ARRAY(host->arena, const char *, 2);
    (*words)[0] = a;
    (*words)[1] = b;
    *nr = a ? b ? 2 : 1 : 0;
}

static void toolstacks(void **state)
{
    xtune_host *host = bare_host();
    xtune_dom0 *dom0 = &host->dom0;

    (void)state;
    expect_results(host, "toolstack-conflict",
                   "SKIP host: which programs run in dom0 is not known");
    use_words(host, &dom0->services, &dom0->nr_services, NULL, NULL);
    expect_results(host, "toolstack-conflict",
                   "PASS host: none (one toolstack)");
    use_words(host, &dom0->services, &dom0->nr_services, "libvirtd",
              "virtxend");
    expect_results(host, "toolstack-conflict",
                   "PASS host: libvirt (one toolstack)");
    use_words(host, &dom0->services, &dom0->nr_services, "libvirtd", "xl");
    expect_results(host, "toolstack-conflict",
                   "WARN host: xl and libvirt (one toolstack), person");

    expect_results(host, "toolstack-versions",
                   "SKIP host: which libxl is installed is not known");
    use_words(host, &dom0->toolstacks, &dom0->nr_toolstacks, "4.17", NULL);
    expect_results(host, "toolstack-versions", "PASS host: 4.17 (4.17)");
    use_words(host, &dom0->toolstacks, &dom0->nr_toolstacks, "4.14", "4.17");
    expect_results(host, "toolstack-versions",
                   "WARN host: 4.14 and 4.17 (4.17), person");
    /* What the next boot needs is not to be taken out. */
    use_words(host, &dom0->toolstacks, &dom0->nr_toolstacks, "4.17", "4.20");
    expect_results(host, "toolstack-versions",
                   "WARN host: 4.17 and 4.20 (4.17), boot");
    use_words(host, &dom0->toolstacks, &dom0->nr_toolstacks, "4.1", NULL);
    expect_results(host, "toolstack-versions", "FAIL host: 4.1 (4.17), boot");
    xtune_host_free(host);
}

static void cpumasks(void **state)
{
    static const char conf[] = "/etc/xen/xl.conf";
    xtune_host *host = bare_host();

    (void)state;
    expect_results(host, "xl-cpumasks",
                   "PASS /etc/xen/xl.conf: none (no mask)");
    add_file(host, conf,
             "vm.cpumask=\"0-3\"\nvm.hvm.cpumask=\"1-3\"\n"
             "vm.pv.cpumask=\"0-9\"\n");
    expect_results(
        host, "xl-cpumasks",
        "PASS vm.cpumask: 0-3 (not there, or all CPUs)\n"
        "WARN vm.hvm.cpumask: \"1-3\", 3 of 4 CPUs (not there, or all CPUs), "
        "person\n"
        "WARN vm.pv.cpumask: CPU list \"0-9\": the host has no CPU 4 (not "
        "there, or all CPUs), person");
    add_file(host, conf, "vm.cpumask=0-3\n");
    expect_results(host, "xl-cpumasks",
                   "SKIP /etc/xen/xl.conf: xl does not take it: see "
                   "dom0-autoballoon");
    xtune_host_free(host);
}

/* Command lines. */

static void pending(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    host->boot.xen_configured = "dom0_mem=900M conring_size=1m console=com1";
    host->boot.dom0_running = "root=/dev/sda1 ro quiet";
    host->boot.dom0_configured = "root=/dev/sda1 ro quiet";
    expect_results(host, "pending-reboot",
                   "PASS host: they are those (the command lines that are "
                   "configured)");
    host->boot.xen_configured = "dom0_mem=4G console=com1 console=vga iommu";
    expect_results(
        host, "pending-reboot",
        "WARN xen dom0_mem: dom0_mem=900M (dom0_mem=4G), boot\n"
        "WARN xen console: console=com1 (console=com1 console=vga), boot\n"
        "WARN xen iommu: not there (iommu), boot\n"
        "WARN xen conring_size: conring_size=1m (not there), boot");
    /* A recorded tree does not tell what Xen runs with. */
    host->xen.command_line = NULL;
    expect_results(host, "pending-reboot",
                   "PASS dom0: it is that (the command lines that are "
                   "configured)\n"
                   "SKIP xen: it is not known what Xen runs with, or will");
    host->boot.dom0_running = NULL;
    expect_results(host, "pending-reboot",
                   "SKIP xen: it is not known what Xen runs with, or will\n"
                   "SKIP dom0: it is not known what dom0 runs with, or will");
    xtune_host_free(host);
}

static void values(void **state)
{
    static const char wanted[] = "what it takes as it is meant";
    xtune_host *host = bare_host();
    XT_CLEANUP_FREE char *said = xt_xprintf(
        "FAIL xen dom0_mem: dom0_mem=4GB (%s), boot\n"
        "WARN xen ucode_: ucode_=scan (%s), boot\n"
        "PASS dom0: 2 parameters (values that it takes as they are meant)",
        wanted, wanted);

    (void)state;
    host->xen.command_line = NULL;
    expect_results(host, "command-line-values",
                   "SKIP host: the command lines are not known");
    host->xen.total_kb = UINT64_C(32) << 20;
    host->xen.command_line = "dom0_mem=4G";
    expect_results(host, "command-line-values",
                   "PASS xen: 1 parameter (values that it takes as they are "
                   "meant)");
    host->boot.xen_configured = "dom0_mem=4GB ucode_=scan";
    host->boot.dom0_running = "xen-pciback.hide=(nonsense)";
    host->boot.dom0_configured = "root=/dev/sda1 ro";
    expect_results(host, "command-line-values", said);
    /* As YaST writes it, for GRUB. */
    host->boot.xen_configured = "crashkernel=202M\\<4G";
    expect_results(host, "command-line-values",
                   "PASS xen: 1 parameter (values that it takes as they are "
                   "meant)\n"
                   "PASS dom0: 2 parameters (values that it takes as they are "
                   "meant)");
    xtune_host_free(host);
}

/* hide-list says it where devices are known. */
static void values_of_hide_list(void **state)
{
    xtune_host *host = recorded_host("pci");

    (void)state;
    host->xen.command_line = host->boot.xen_configured = NULL;
    host->boot.dom0_configured = "ro xen-pciback.hide=(0000:77:00.0)";
    expect_results(host, "command-line-values",
                   "PASS dom0: 2 parameters (values that it takes as they are "
                   "meant)");
    host->has_pci_details = false;
    expect_results(host, "command-line-values",
                   "WARN dom0 xen-pciback.hide: "
                   "xen-pciback.hide=(0000:77:00.0) (what it takes as it is "
                   "meant), boot");
    xtune_host_free(host);
}

static void parameters(void **state)
{
    static const struct {
        const char *line, *said;
    } rows[] = {
        { "console=com1", "PASS hap_1gb: on (on)\nPASS hap_2mb: on (on)" },
        { "hap_1gb=1 hap_2mb=true",
          "PASS hap_1gb: on (on)\nPASS hap_2mb: on (on)" },
        { "hap_1gb=0 no-hap_2mb",
          "WARN hap_1gb: off (on, as it is where it is not given), boot\n"
          "WARN hap_2mb: off (on, as it is where it is not given), boot" },
    };
    xtune_host *host = bare_host();
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        host->xen.command_line = rows[i].line;
        expect_results(host, "hap-superpages", rows[i].said);
    }
    expect_results(host, "isolcpus",
                   "SKIP host: dom0's command line is not known");
    host->boot.dom0_running = "ro isolcpus=0-3";
    expect_results(host, "isolcpus",
                   "WARN host: isolcpus=0-3 (not there), boot");
    host->boot.dom0_configured = "ro quiet";
    expect_results(host, "isolcpus", "PASS host: not there (not there)");
    xtune_host_free(host);
}

/* Devices. */

static void devices(void **state)
{
    xtune_host *host = recorded_host("usb");

    (void)state;
    host->usb_rules.file = "/etc/usb-policy.conf";
    host->usb_rules.text = "ALLOW:\n";
    expect_results(host, "usb-policy",
                   "PASS /etc/usb-policy.conf: 1 rules (every rule can "
                   "match)");
    host->usb_rules.text = "ALLOW:\nDENY: class=03\n";
    expect_results(host, "usb-policy",
                   "WARN /etc/usb-policy.conf:2: \"DENY: class=03\" can never "
                   "match: line 1, \"ALLOW:\", takes all that it would (every "
                   "rule can match), person");
    host->usb_rules.text = "ALLOW: psid=1\n";
    expect_results(host, "usb-policy",
                   "FAIL /etc/usb-policy.conf:1:8: \"psid\" is no key (a "
                   "policy that can be read), person");
    host->has_usb = false;
    expect_results(host, "usb-policy",
                   "SKIP host: dom0's USB devices are not known");
    xtune_host_free(host);
}

static void hide_list(void **state)
{
    xtune_host *host = recorded_host("pci");
    size_t i;

    (void)state;
    /* What the toolstack's store says of them is not meant here. */
    for (i = 0; i < host->nr_pci; i++)
        host->pci[i].claimed_by = XTUNE_NONE;
    host->boot.dom0_running = host->boot.dom0_configured = "ro quiet";
    expect_results(host, "hide-list",
                   "PASS host: nothing is hidden (no contradiction)");
    host->boot.dom0_configured = "ro xen-pciback.hide=(0000:99:00.0)";
    host->boot.source = "/etc/default/grub";
    expect_results(host, "hide-list",
                   "WARN /etc/default/grub: item 1 of the hide list, "
                   "\"(0000:99:00.0)\", means no device that is there (no "
                   "contradiction), person");
    host->has_pci_details = false;
    expect_results(host, "hide-list",
                   "SKIP host: dom0's PCI devices are not known");
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(toolstacks),
        cmocka_unit_test(cpumasks),
        cmocka_unit_test(pending),
        cmocka_unit_test(values),
        cmocka_unit_test(values_of_hide_list),
        cmocka_unit_test(parameters),
        cmocka_unit_test(devices),
        cmocka_unit_test(hide_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
