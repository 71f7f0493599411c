/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verbs were told to keep of devices. */
#include "host_text.h"
#include "record_folder.h"

#define NIC                                                                   \
    "\"address\": \"0000:04:00.0\", \"vendor\": \"8086\", \"device\": "       \
    "\"100e\""
#define DISK                                                                  \
    "\"address\": \"0000:05:00.0\", \"vendor\": \"1b36\", \"device\": "       \
    "\"0010\""
#define PCI(rows) NAMED ",\n\"pci\": [\n" rows " ] }"
#define DEVICES(rows)                                                         \
    "{ \"schema\": \"xtune/devices/1\",\n\"pci\": [\n" rows " ] }"

static const char host_text[] =
    "{\"schema\": \"xtune/host/1\", \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 4096}], \"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}], "
    "\"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": \"0\"}], "
    "\"domains\": [{\"id\": 1, \"name\": \"web1\", \"memory_kb\": 1000, "
    "\"uuid\": \"" UUID "\", \"cpupool\": \"Pool-0\", \"vcpus\": ["
    "{\"id\": 0, \"online\": true, \"hard\": \"all\", \"soft\": \"all\"}]}, "
    "{\"id\": 2, \"name\": \"db\", \"memory_kb\": 1000, "
    "\"uuid\": \"" OTHER "\", \"cpupool\": \"Pool-0\", \"vcpus\": []}]}";

static const char *devices_path(xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/devices.json", folder);
}

static void write_devices(const char *text)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    assert_int_equal(
        xt_file_replace(devices_path(arena), text, strlen(text), 0600, NULL),
        0);
}

/* Reading. */

static void everything_of_a_domain_is_read(void **unused)
{
    const xtune_wanted_pci *pci;
    xtune_policy *policy;

    (void)unused;
    write_record(UUID ".json",
                 PCI("{ " DISK " },\n"
                     "{ " NIC ", \"subsystem_vendor\": \"1af4\", "
                     "\"subsystem_device\": \"1100\", \"path\": "
                     "\"pci0000:00/1c.0/00.0\", \"serial\": "
                     "\"52:54:00:12:34:56\", \"slot\": 31, "
                     "\"msitranslate\": true, \"power_mgmt\": true, "
                     "\"permissive\": true, \"relaxed\": true }"));
    policy = read_records();
    assert_int_equal(policy->nr_records, 1);
    assert_int_equal(policy->records[0].nr_pci, 2);
    pci = policy->records[0].pci;
    /* In the order of the file. */
    assert_string_equal(pci[0].address, "0000:05:00.0");
    assert_int_equal(pci[0].slot, XTUNE_NONE);
    assert_int_equal(pci[0].vfs, XTUNE_NONE);
    assert_null(pci[0].serial);
    assert_null(pci[0].path);
    assert_false(pci[0].permissive || pci[0].msitranslate);
    assert_int_equal(pci[0].source.line, 5);
    assert_string_equal(pci[1].vendor, "8086");
    assert_string_equal(pci[1].device, "100e");
    assert_string_equal(pci[1].subsystem_vendor, "1af4");
    assert_string_equal(pci[1].subsystem_device, "1100");
    assert_string_equal(pci[1].path, "pci0000:00/1c.0/00.0");
    assert_string_equal(pci[1].serial, "52:54:00:12:34:56");
    assert_int_equal(pci[1].slot, 31);
    assert_true(pci[1].msitranslate && pci[1].power_mgmt);
    assert_true(pci[1].permissive && pci[1].relaxed);
    assert_int_equal(pci[1].source.line, 6);
    xtune_policy_free(policy);
}

static void everything_of_the_host_is_read(void **unused)
{
    xtune_policy *policy;

    (void)unused;
    write_devices(DEVICES("{ " DISK ", \"vfs\": 4, \"vfs_assignable\": true "
                          "},\n{ " NIC ", \"assignable\": true, \"name\": "
                          "\"nic\", \"vfs\": 0 }"));
    policy = read_records();
    assert_int_equal(policy->nr_devices, 2);
    /* By address. */
    assert_string_equal(policy->devices[0].address, "0000:04:00.0");
    assert_true(policy->devices[0].assignable);
    assert_string_equal(policy->devices[0].name, "nic");
    assert_int_equal(policy->devices[0].vfs, 0);
    assert_int_equal(policy->devices[0].source.line, 4);
    assert_false(policy->devices[1].assignable);
    assert_null(policy->devices[1].name);
    assert_int_equal(policy->devices[1].vfs, 4);
    assert_true(policy->devices[1].vfs_assignable);
    xtune_policy_free(policy);
}

/* text is that of a row behind NIC; message is what is said of it. */
static const struct {
    const char *text, *message;
} bad_rows[] = {
    { ", \"slot\": 0", "member \"slot\" is not a number from 1 to 31" },
    { ", \"slot\": 32", "from 1 to 31" },
    { ", \"slot\": -1", "from 1 to 31" },
    { ", \"slot\": 6.5", "from 1 to 31" },
    { ", \"slot\": \"6\"", "from 1 to 31" },
    { ", \"slot\": null", "from 1 to 31" },
    { ", \"slot\": 4294967302", "from 1 to 31" },
    { ", \"permissive\": 1", "member \"permissive\" is not true or false" },
    { ", \"relaxed\": \"true\"", "\"relaxed\" is not true or false" },
    { ", \"subsystem_vendor\": \"1AF4\"", "four hexadecimal digits" },
    { ", \"subsystem_device\": \"110\"", "four hexadecimal digits" },
    { ", \"subsystem_device\": null", "\"subsystem_device\" is no text" },
    { ", \"path\": \"\"", "member \"path\" is not a path" },
    { ", \"path\": \"/sys/devices\"", "is not a path" },
    { ", \"path\": \"pci0000:00/1c.0;\"", "is not a path" },
    { ", \"serial\": \"\"", "member \"serial\" is not" },
    { ", \"serial\": \"a\\u001bb\"", "member \"serial\" is not" },
    { ", \"serial\": \"a\xc0\xb8\"", "member \"serial\" is not" },
    { ", \"assignable\": true", "unknown member \"assignable\"" },
    { ", \"vfs\": 4", "unknown member \"vfs\"" },
    { ", \"Slot\": 4", "unknown member \"Slot\"" },
};

static const char *const bad_pci[] = {
    NAMED ",\n\n\n\"pci\": {} }",
    PCI("7"),
    PCI("{ }"),
    PCI("{ \"address\": \"0000:04:00.0\", \"vendor\": \"8086\" }"),
    PCI("{ \"address\": \"04:00.0\", \"vendor\": \"8086\", \"device\": "
        "\"100e\" }"),
    PCI("{ \"address\": \"0000:04:00.8\", \"vendor\": \"8086\", \"device\": "
        "\"100e\" }"),
    PCI("{ \"address\": \"0000:04:00.0 \", \"vendor\": \"8086\", \"device\": "
        "\"100e\" }"),
    PCI("{ \"address\": \"0000:0A:00.0\", \"vendor\": \"8086\", \"device\": "
        "\"100e\" }"),
    PCI("{ \"address\": \"0000:04:00.0\", \"vendor\": \"0x80\", \"device\": "
        "\"100e\" }"),
    PCI("{ \"address\": \"0000:04:00.0\", \"vendor\": 8086, \"device\": "
        "\"100e\" }"),
};

static void refused(const char *text, const char *message)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();

    if (!xt_record_read_memory(text, strlen(text), "/x/" UUID ".json", policy,
                               &err))
        fail_msg("taken:\n%s", text);
    assert_int_equal(err->code, XTUNE_ERR_INVALID);
    assert_int_equal(policy->nr_records, 0);
    if (strcmp(err->object, "/x/" UUID ".json:5") &&
        strcmp(err->object, "/x/" UUID ".json:6"))
        fail_msg("%s: %s\n%s", err->object, err->message, text);
    if (message && !strstr(err->message, message))
        fail_msg("%s\nis not: %s\n%s", err->message, message, text);
    xtune_policy_free(policy);
}

static void bad_records(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *many = xtune_arena_alloc(arena, 1, 2000), *p;
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(bad_rows); i++)
        refused(
            xtune_arena_printf(arena, PCI("{ " NIC "%s }"), bad_rows[i].text),
            bad_rows[i].message);
    for (i = 0; i < XT_ARRAY_SIZE(bad_pci); i++)
        refused(bad_pci[i], NULL);
    refused(PCI("{ " NIC " },\n{ " NIC ", \"slot\": 3 }"),
            "device \"0000:04:00.0\" is there twice");
    refused(PCI("{ " NIC ", \"slot\": 3 },\n{ " DISK ", \"slot\": 3 }"),
            "slot 3 is that of device \"0000:04:00.0\" too");
    for (p = many, i = 0; i < 256; i++)
        p = stpcpy(p, "{},");
    refused(xtune_arena_printf(arena, NAMED ",\n\n\"pci\": [%s{}] }", many),
            "more than 256 rows");
}

static const struct {
    const char *text, *line, *message;
} bad_devices[] = {
    { "", "1", "not a JSON document" },
    { "{ \"schema\": \"xtune/pools/1\" }", "1", "its schema is" },
    { "{ \"schema\": \"xtune/devices/1\" }", "1", "\"pci\" is missing" },
    { "{ \"schema\": \"xtune/devices/1\", \"pci\": {} }", "1", "no array" },
    { "{ \"schema\": \"xtune/devices/1\", \"usb\": [] }", "1",
      "unknown member \"usb\"" },
    { DEVICES("{ " NIC " }"), "3", "it says nothing of this device" },
    { DEVICES("{ " NIC ", \"assignable\": false }"), "3",
      "it says nothing of this device" },
    { DEVICES("{ " NIC ", \"assignable\": 1 }"), "3", "true or false" },
    { DEVICES("{ " NIC ", \"slot\": 1, \"assignable\": true }"), "3",
      "unknown member \"slot\"" },
    { DEVICES("{ " NIC ", \"vfs\": 65536 }"), "3", "from 0 to 65535" },
    { DEVICES("{ " NIC ", \"vfs\": 4, \"assignable\": true }"), "3",
      "given away" },
    { DEVICES("{ " NIC ", \"vfs\": 0, \"vfs_assignable\": true }"), "3",
      "no virtual functions" },
    { DEVICES("{ " NIC ", \"vfs\": 2, \"name\": \"nic\" }"), "3",
      "is not to be assignable" },
    { DEVICES("{ " NIC ", \"assignable\": true, \"name\": \"a b\" }"), "3",
      "member \"name\" is not" },
    { DEVICES("{ " NIC ", \"assignable\": true, \"name\": \"\" }"), "3",
      "member \"name\" is not" },
    { DEVICES("{ " NIC ", \"vfs\": 2 },\n{ " DISK ", \"vfs\": 2 },\n"
              "{ " NIC ", \"vfs\": 3 }"),
      "5", "device \"0000:04:00.0\" is there twice" },
};

static void bad_files_of_devices(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(bad_devices); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;
        xtune_policy *policy = xtune_policy_new();

        write_devices(bad_devices[i].text);
        if (!xtune_records_read(&state, policy, &err))
            fail_msg("taken:\n%s", bad_devices[i].text);
        assert_int_equal(err->code, XTUNE_ERR_INVALID);
        assert_int_equal(policy->nr_devices, 0);
        assert_string_equal(err->object,
                            xtune_arena_printf(arena, "%s:%s",
                                               devices_path(arena),
                                               bad_devices[i].line));
        if (!strstr(err->message, bad_devices[i].message))
            fail_msg("%s\nis not: %s", err->message, bad_devices[i].message);
        xtune_policy_free(policy);
    }
}

static void a_device_of_two_domains(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();

    (void)unused;
    write_record(UUID ".json", PCI("{ " DISK " },\n{ " NIC " }"));
    write_record(OTHER ".json", "{ \"schema\": \"xtune/record/1\", \"uuid\": "
                                "\"" OTHER "\", \"name\": \"db\",\n\"pci\": "
                                "[ { " NIC " } ] }");
    assert_int_equal(xtune_records_read(&state, policy, &err),
                     XTUNE_ERR_INVALID);
    assert_string_equal(err->object, record_path(arena, OTHER ".json:2"));
    assert_non_null(strstr(err->message, "\"0000:04:00.0\""));
    assert_non_null(strstr(err->message, record_path(arena, UUID ".json:6")));
    xtune_policy_free(policy);
}

/* Keeping. */

static const xtune_wanted_pci nic = {
    .address = "0000:04:00.0",
    .vendor = "8086",
    .device = "100e",
    .subsystem_vendor = "1af4",
    .subsystem_device = "1100",
    .path = "pci0000:00/1c.0/00.0",
    .serial = "52:54:00:12:34:56",
    .slot = 6,
    .permissive = true,
    .vfs = XTUNE_NONE,
};

static const xtune_wanted_pci disk = {
    .address = "0000:05:00.0",
    .vendor = "1b36",
    .device = "0010",
    .slot = XTUNE_NONE,
    .vfs = XTUNE_NONE,
};

static void keep(const xtune_host *host, size_t domain,
                 const xtune_wanted_pci *wanted)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    if (xtune_record_pci(&state, host, &host->domains[domain], wanted, &err))
        fail_msg("%s: %s", err->object, err->message);
}

/* Addresses, each with its slot. */
static const char *kept(xtune_arena *arena)
{
    xtune_policy *policy = read_records();
    const char *text = "";
    size_t i, k;

    for (i = 0; i < policy->nr_records; i++)
        for (k = 0; k < policy->records[i].nr_pci; k++)
            text = xtune_arena_printf(arena, "%s%s@%d ", text,
                                      policy->records[i].pci[k].address,
                                      (int)policy->records[i].pci[k].slot);
    xtune_policy_free(policy);
    return text;
}

static void what_is_kept_is_one_text(void **unused)
{
    static const char expected[] =
        "{\n"
        "  \"schema\": \"xtune/record/1\",\n"
        "  \"uuid\": \"" UUID "\",\n"
        "  \"name\": \"web1\",\n"
        "  \"cpupool\": \"rt\",\n"
        "  \"pci\": [\n"
        "    {\n"
        "      \"address\": \"0000:05:00.0\",\n"
        "      \"vendor\": \"1b36\",\n"
        "      \"device\": \"0010\"\n"
        "    },\n"
        "    {\n"
        "      \"address\": \"0000:04:00.0\",\n"
        "      \"vendor\": \"8086\",\n"
        "      \"device\": \"100e\",\n"
        "      \"subsystem_vendor\": \"1af4\",\n"
        "      \"subsystem_device\": \"1100\",\n"
        "      \"path\": \"pci0000:00/1c.0/00.0\",\n"
        "      \"serial\": \"52:54:00:12:34:56\",\n"
        "      \"slot\": 6,\n"
        "      \"permissive\": true\n"
        "    }\n"
        "  ]\n"
        "}\n";
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = host_of(host_text);

    (void)unused;
    keep(host, 0, &disk);
    keep(host, 0, &nic);
    assert_int_equal(
        xtune_record_cpupool(&state, host, &host->domains[0], "rt", NULL), 0);
    assert_string_equal(file_text(arena, record_path(arena, UUID ".json")),
                        expected);
    xtune_host_free(host);
}

static void the_order_stays(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_wanted_pci again = disk;
    xtune_host *host = host_of(host_text);
    bool found;

    (void)unused;
    keep(host, 0, &disk);
    keep(host, 0, &nic);
    again.slot = 3;
    keep(host, 0, &again);
    assert_string_equal(kept(arena), "0000:05:00.0@3 0000:04:00.0@6 ");
    again.slot = 6;
    assert_int_equal(
        xtune_record_pci(&state, host, &host->domains[0], &again, &err),
        XTUNE_ERR_INVALID);
    assert_non_null(strstr(err->message, "slot 6"));
    assert_string_equal(kept(arena), "0000:05:00.0@3 0000:04:00.0@6 ");
    assert_int_equal(xtune_record_forget_pci(&state, host, &host->domains[0],
                                             "0000:05:00.0", &found, NULL),
                     0);
    assert_true(found);
    assert_string_equal(kept(arena), "0000:04:00.0@6 ");
    assert_int_equal(xtune_record_forget_pci(&state, host, &host->domains[0],
                                             "0000:05:00.0", &found, NULL),
                     0);
    assert_false(found);
    assert_int_equal(xtune_record_forget_pci(&state, host, &host->domains[0],
                                             "0000:04:00.0", &found, NULL),
                     0);
    assert_true(found);
    assert_false(is_there(UUID ".json"));
    xtune_host_free(host);
}

static void forgetting_one_thing_keeps_the_other(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host = host_of(host_text);
    bool found;

    (void)unused;
    write_record(UUID ".json", ROWS("{ \"vcpus\": \"0\", \"hard\": \"0\" }"));
    keep(host, 0, &nic);
    assert_int_equal(xtune_record_forget_affinity(
                         &state, host, &host->domains[0], &found, NULL),
                     0);
    assert_true(found);
    assert_string_equal(kept(arena), "0000:04:00.0@6 ");
    xtune_host_free(host);
}

static void one_device_one_domain(void **unused)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_host *host = host_of(host_text);
    bool found;

    (void)unused;
    keep(host, 0, &nic);
    assert_int_equal(
        xtune_record_pci(&state, host, &host->domains[1], &nic, &err),
        XTUNE_ERR_REFUSED);
    assert_string_equal(err->object, "0000:04:00.0");
    assert_non_null(strstr(err->message, "\"web1\""));
    assert_non_null(strstr(err->hint, "pci-unassign " UUID " 0000:04:00.0"));
    assert_false(is_there(OTHER ".json"));
    assert_int_equal(xtune_record_forget_pci(&state, host, &host->domains[0],
                                             "0000:04:00.0", &found, NULL),
                     0);
    keep(host, 1, &nic);
    assert_true(is_there(OTHER ".json"));
    xtune_host_free(host);
}

static void of_one_that_does_not_run(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy;
    bool found;

    (void)unused;
    assert_int_equal(xtune_record_pci_of(&state, OTHER, "db", &nic, NULL), 0);
    assert_int_equal(xtune_record_pci_of(&state, OTHER, NULL, &disk, NULL), 0);
    policy = read_records();
    assert_int_equal(policy->nr_records, 1);
    assert_string_equal(policy->records[0].uuid, OTHER);
    assert_string_equal(policy->records[0].name, "db");
    xtune_policy_free(policy);
    assert_string_equal(kept(arena), "0000:04:00.0@6 0000:05:00.0@-1 ");
    assert_int_equal(xtune_record_forget_pci_of(&state, UUID, NULL,
                                                "0000:04:00.0", &found, NULL),
                     0);
    assert_false(found);
    assert_int_equal(xtune_record_forget_pci_of(&state, OTHER, NULL,
                                                "0000:04:00.0", &found, NULL),
                     0);
    assert_true(found);
    assert_string_equal(kept(arena), "0000:05:00.0@-1 ");
    assert_int_equal(
        xtune_record_pci_of(&state, "00000000-0000-0000-0000-000000000000",
                            "x", &nic, &err),
        XTUNE_ERR_REFUSED);
    xtune_error_free(err);
    err = NULL;
    assert_int_equal(xtune_record_pci_of(&state, "../../x", "x", &nic, &err),
                     XTUNE_ERR_REFUSED);
}

static void devices_of_the_host(void **unused)
{
    static const char expected[] = "{\n"
                                   "  \"schema\": \"xtune/devices/1\",\n"
                                   "  \"pci\": [\n"
                                   "    {\n"
                                   "      \"address\": \"0000:04:00.0\",\n"
                                   "      \"vendor\": \"8086\",\n"
                                   "      \"device\": \"100e\",\n"
                                   "      \"assignable\": true,\n"
                                   "      \"name\": \"nic\"\n"
                                   "    },\n"
                                   "    {\n"
                                   "      \"address\": \"0000:05:00.0\",\n"
                                   "      \"vendor\": \"1b36\",\n"
                                   "      \"device\": \"0010\",\n"
                                   "      \"vfs\": 4,\n"
                                   "      \"vfs_assignable\": true\n"
                                   "    }\n"
                                   "  ]\n"
                                   "}\n";
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_wanted_pci a = {
        .address = "0000:04:00.0",
        .vendor = "8086",
        .device = "100e",
        .vfs = XTUNE_NONE,
        .slot = XTUNE_NONE,
        .assignable = true,
        .name = "nic",
    };
    xtune_wanted_pci b = disk;
    struct stat st;

    (void)unused;
    b.vfs = 2;
    assert_int_equal(xtune_record_device(&state, &b, NULL), 0);
    assert_int_equal(xtune_record_device(&state, &a, NULL), 0);
    b.vfs = 4;
    b.vfs_assignable = true;
    assert_int_equal(xtune_record_device(&state, &b, NULL), 0);
    assert_string_equal(file_text(arena, devices_path(arena)), expected);
    assert_int_equal(stat(devices_path(arena), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    /* What contradicts itself is not kept. */
    b.vfs = 0;
    assert_int_equal(xtune_record_device(&state, &b, &err), XTUNE_ERR_INVALID);
    assert_string_equal(err->object, "0000:05:00.0");
    assert_string_equal(file_text(arena, devices_path(arena)), expected);
    a.name = "a b";
    assert_int_equal(xtune_record_device(&state, &a, NULL), XTUNE_ERR_INVALID);
    assert_string_equal(file_text(arena, devices_path(arena)), expected);
    /* Nothing is wanted: the file goes with the last one. */
    b.vfs = XTUNE_NONE;
    b.vfs_assignable = false;
    assert_int_equal(xtune_record_device(&state, &b, NULL), 0);
    a.assignable = false;
    a.name = NULL;
    assert_int_equal(xtune_record_device(&state, &a, NULL), 0);
    assert_int_equal(access(devices_path(arena), F_OK), -1);
    assert_int_equal(xtune_record_device(&state, &a, NULL), 0);
}

static void a_damaged_file_is_not_written_over(void **unused)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_wanted_pci wanted = disk;

    (void)unused;
    wanted.vfs = 1;
    write_devices("{");
    assert_int_equal(xtune_record_device(&state, &wanted, NULL),
                     XTUNE_ERR_INVALID);
    assert_string_equal(file_text(arena, devices_path(arena)), "{");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(everything_of_a_domain_is_read),
        WITH_FOLDER(everything_of_the_host_is_read),
        cmocka_unit_test(bad_records),
        WITH_FOLDER(bad_files_of_devices),
        WITH_FOLDER(a_device_of_two_domains),
        WITH_FOLDER(what_is_kept_is_one_text),
        WITH_FOLDER(the_order_stays),
        WITH_FOLDER(forgetting_one_thing_keeps_the_other),
        WITH_FOLDER(one_device_one_domain),
        WITH_FOLDER(of_one_that_does_not_run),
        WITH_FOLDER(devices_of_the_host),
        WITH_FOLDER(a_damaged_file_is_not_written_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
