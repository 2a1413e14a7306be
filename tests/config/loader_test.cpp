// Goal: a file is read exactly or refused with every mistake at its place. Method: files in, problems out, compared
// whole.
#include "config/loader.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "config/key.hpp"

namespace payloom::config {
namespace {

// All problems of a text, one per line.
std::string problems_of(std::string_view text) {
  std::string out;
  for (const problem& p : load_text(text, "f").problems) out += to_string(p) + "\n";
  return out;
}

TEST(loader, empty_texts_are_all_defaults) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "server:\n", "server:\n  # listen: x\n", "{}"}) {
    EXPECT_EQ(problems_of(text), "") << text;
  }
  const settings value = default_settings();
  EXPECT_EQ(to_string(value.server.listen), "127.0.0.1:7400");
  EXPECT_EQ(value.server.io_threads, 1u);
  EXPECT_EQ(value.topology.order_shards, automatic);
  EXPECT_EQ(value.index.lag_events_max, 16'000'000u);
  EXPECT_EQ(value.server.drain_timeout, std::chrono::seconds(30));
  EXPECT_FALSE(value.partition.shadow);
  EXPECT_FALSE(value.shadow.enabled());
}

TEST(loader, reads_every_kind_of_value) {
  const load_result read = load_text(R"(
server: {listen: "[::1]:0", idle_timeout: 90s}
topology:
  order_shards: 7
scheduler: {policy: stealing}
storage: {directory: /srv/books, segment_bytes: 128MiB}
index: {lag_events_max: 1M}
partition: {cluster: 0xffeeddccbbaa99887766554433221100, number: 3}
shadow: {listen: 127.0.0.1:7401, directory: /srv/shadow}
ledgers:
  - {id: 1000, name: POINTS, exponent: 0}
  - {id: 4294967295, name: ETH, exponent: 18}
hot_accounts: [0x10, 17]
log: {level: debug, format: json}
)",
                                     "f");
  ASSERT_TRUE(read.ok()) << to_string(read.problems[0]);
  const settings& s = read.value;
  EXPECT_EQ(s.server.listen, (endpoint{"::1", 0}));
  EXPECT_EQ(s.server.idle_timeout, std::chrono::seconds(90));
  EXPECT_EQ(s.topology.order_shards, 7u);
  EXPECT_EQ(s.scheduler.policy, scheduler_policy::stealing);
  EXPECT_EQ(s.storage.directory, "/srv/books");
  EXPECT_EQ(s.storage.segment_bytes, 128u << 20);
  EXPECT_EQ(s.index.lag_events_max, 1'000'000u);
  EXPECT_TRUE(s.partition.cluster == make_u128(0xffeeddccbbaa9988, 0x7766554433221100));
  EXPECT_EQ(s.partition.number, 3u);
  EXPECT_TRUE(s.shadow.enabled());
  EXPECT_EQ(s.ledgers, (std::vector<custom_ledger>{{1000, "POINTS", 0}, {4294967295u, "ETH", 18}}));
  EXPECT_EQ(s.hot_accounts, (std::vector<account_id>{{16}, {17}}));
  EXPECT_EQ(s.log.level, log_level::debug);
  EXPECT_EQ(s.log.format, log_format::json);
  EXPECT_EQ(s.server.io_threads, 1u) << "what is not mentioned keeps its default";
  EXPECT_TRUE(load_text("partition: {shadow: true}", "f").value.partition.shadow);
}

TEST(loader, lists_all_mistakes_with_their_places) {
  EXPECT_EQ(problems_of(R"(server:
  listn: 127.0.0.1:7400
  io_threads: 010
  io_threads: 2
  idle_timeout: 60
topolgy:
  order_shards: 1
storage:
  segment_bytes: 64MB
order_shards: 4
topology: {order_shards: 5000, account_shards: -1}
partition: {shadow: yes}
nonsense_without_neighbour: 1
)"),
            "f:2:3: server.listn: unknown key (did you mean server.listen?)\n"
            "f:3:15: server.io_threads: a leading zero is not allowed (it could be meant as octal)\n"
            "f:4:3: server.io_threads: duplicate key\n"
            "f:5:17: server.idle_timeout: a unit is missing: durations are written like 250ms (ms, s, min, h)\n"
            "f:6:1: topolgy: unknown key (did you mean topology?)\n"
            "f:9:18: storage.segment_bytes: unknown unit `MB`: sizes are written like 64MiB (B, KiB, MiB, GiB, TiB)\n"
            "f:10:1: order_shards: unknown key (did you mean topology.order_shards?)\n"
            "f:11:26: topology.order_shards: 5000 is out of bounds: 1 .. 4096 or auto\n"
            "f:11:48: topology.account_shards: a sign is not allowed\n"
            "f:12:21: partition.shadow: true or false is expected\n"
            "f:13:1: nonsense_without_neighbour: unknown key\n");
}

TEST(loader, shapes_that_are_no_configuration) {
  EXPECT_EQ(problems_of("- a\n- b\n"), "f:1:1: a map of sections is expected\n");
  EXPECT_EQ(problems_of("just text"), "f:1:1: a map of sections is expected\n");
  EXPECT_EQ(problems_of("server: 4"), "f:1:9: server: keys of this section are expected\n");
  EXPECT_EQ(problems_of("server:\n  listen: [a]\n"), "f:2:11: server.listen: a single value is expected\n");
  EXPECT_EQ(problems_of("server:\n  listen:\n"), "f:2:3: server.listen: a value is missing\n");
  EXPECT_EQ(problems_of("server:\n  listen: ~\n"), "f:2:3: server.listen: a value is missing\n");
  EXPECT_EQ(problems_of("? [a, b]\n: 1\n"), "f:1:3: a key must be a word\n");
  EXPECT_EQ(problems_of("server: {}\nserver: {}\n"), "f:2:1: server: duplicate key\n");
  EXPECT_EQ(problems_of("server: {}\n---\nserver: {}\n"),
            "f:3:1: a second document begins here; only one is allowed\n");
  EXPECT_NE(problems_of("server: {listen").find("f:1:"), std::string::npos);
  EXPECT_NE(problems_of("a: b: c").find("not YAML"), std::string::npos);
  EXPECT_NE(problems_of("server:\n\tlisten: x\n").find("f:2:"), std::string::npos);
  EXPECT_EQ(problems_of(std::string((1u << 20) + 1, '#')), "f: larger than 1 MiB: this is no configuration file\n");
}

TEST(loader, deep_nesting_is_a_problem_and_no_crash) {
  EXPECT_NE(problems_of(std::string(200'000, '[')), "");
  std::string nested = "server: ";
  for (int i = 0; i < 50; ++i) nested += "{listen: ";
  EXPECT_NE(problems_of(nested), "");
}

TEST(loader, ledger_mistakes) {
  EXPECT_EQ(problems_of("ledgers: 5"), "f:1:10: ledgers: a list is expected\n");
  EXPECT_EQ(problems_of("ledgers: [x]"),
            "f:1:11: ledgers: an entry is written {id: 1000, name: POINTS, exponent: 0}\n");
  EXPECT_EQ(problems_of("ledgers:\n"
                        "  - {id: 978, name: EUR, exponent: 31}\n"
                        "  - {id: 1000, name: points}\n"
                        "  - {id: 1001, id: 1002, name: AA, exponent: 1, unit: x}\n"
                        "  - {id: 1003, name: AB, exponent: [1]}\n"
                        "  - {id: 1004, name: AC, exponent: 1}\n"
                        "  - {id: 1004, name: AC, exponent: 1}\n"),
            "f:2:10: ledgers: id: 978 is out of bounds: 1000 .. 4294967295\n"
            "f:2:21: ledgers: name: EUR is an ISO 4217 currency already\n"
            "f:2:36: ledgers: exponent: 31 is out of bounds: 0 .. 30\n"
            "f:3:5: ledgers: `exponent` is missing\n"
            "f:3:22: ledgers: name: a name has 2 to 16 letters A-Z, digits or _, and begins with a letter\n"
            "f:4:16: ledgers: duplicate key `id`\n"
            "f:4:49: ledgers: unknown key `unit`: an entry has id, name and exponent\n"
            "f:5:36: ledgers: exponent: a single value is expected\n"
            "f:7:5: ledgers: id 1004 stands twice\n"
            "f:7:5: ledgers: name AC stands twice\n");
}

TEST(loader, hot_account_mistakes) {
  EXPECT_EQ(problems_of("hot_accounts: [1, 0x1, 0, 010, [2]]"),
            "f:1:19: hot_accounts: 0x1 stands twice\n"
            "f:1:24: hot_accounts: the ids zero and all-ones are reserved\n"
            "f:1:27: hot_accounts: an account id is expected: decimal without leading zero, or 0x hexadecimal\n"
            "f:1:32: hot_accounts: a single value is expected\n");
  std::string many = "hot_accounts: [1";
  for (int i = 2; i <= 65'537; ++i) many.append(",").append(std::to_string(i));
  EXPECT_EQ(problems_of(many + "]"), "f:1:15: hot_accounts: 65537 entries are more than the 65536 allowed\n");
}

TEST(loader, contradictions_point_at_the_key) {
  EXPECT_EQ(problems_of("credits:\n  session_events: 2M\n  total_events: 1M\n"),
            "f:2:3: credits.session_events: one connection may not hold more than credits.total_events\n");
  EXPECT_EQ(problems_of("credits: {total_events: 10k}\n"),
            "f: credits.session_events: one connection may not hold more than credits.total_events\n");
  EXPECT_EQ(problems_of("shadow: {listen: 127.0.0.1:7401}\n"),
            "f:1:10: shadow.listen: shadow.listen and shadow.directory are set together or not at all\n");
  EXPECT_EQ(problems_of("shadow: {directory: x}\n"),
            "f:1:10: shadow.directory: shadow.listen and shadow.directory are set together or not at all\n");
  EXPECT_EQ(problems_of("shadow: {listen: 127.0.0.1:7400, directory: ./payloom-data/}\npartition: {shadow: true}\n"),
            "f:1:10: shadow.listen: must differ from server.listen\n"
            "f:1:10: shadow.listen: the main partition is the shadow partition already (partition.shadow)\n"
            "f:1:34: shadow.directory: must differ from storage.directory\n");
  EXPECT_EQ(problems_of("storage: {segment_bytes: 16777217B}\n"),
            "f:1:11: storage.segment_bytes: must be a multiple of 1MiB\n");
}

TEST(loader, anchors_cannot_smuggle_anything_in) {
  EXPECT_EQ(problems_of("server: &s {io_threads: 2}\ntopology:\n  <<: *s\n"), "f:3:3: topology.<<: unknown key\n");
}

TEST(loader, files) {
  std::string directory = (std::filesystem::temp_directory_path() / "payloomXXXXXX").string();
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const std::filesystem::path file = std::filesystem::path(directory) / "payloom.yaml";
  EXPECT_EQ(to_string(load_file(file).problems.at(0)), file.string() + ": cannot be read");
  EXPECT_FALSE(load_file(directory).ok()) << "a directory is no file";
  std::ofstream(file) << "log: {level: loud}\n";
  EXPECT_EQ(to_string(load_file(file).problems.at(0)),
            file.string() + ":1:14: log.level: `loud` is none of: debug, info, warn, error");
  std::ofstream(file) << "log: {level: warn}\n";
  EXPECT_TRUE(load_file(file).ok());
  EXPECT_EQ(load_file(file).value.log.level, log_level::warn);
  std::filesystem::remove_all(directory);
}

TEST(loader, keys_are_set_from_the_command_line) {
  settings value = default_settings();
  EXPECT_EQ(set_key(value, "topology.order_shards", "4"), std::nullopt);
  EXPECT_EQ(value.topology.order_shards, 4u);
  EXPECT_EQ(set_key(value, "topology.order_shard", "4"),
            "topology.order_shard: unknown key (did you mean topology.order_shards?)");
  EXPECT_EQ(set_key(value, "zzz", "4"), "zzz: unknown key");
  EXPECT_EQ(set_key(value, "log.level", "loud"), "log.level: `loud` is none of: debug, info, warn, error");
}

TEST(loader, auto_counts_are_one_per_core) {
  EXPECT_EQ(resolve_auto(automatic, 8), 8u);
  EXPECT_EQ(resolve_auto(automatic, 0), 1u);
  EXPECT_EQ(resolve_auto(3, 8), 3u);
}

}  // namespace
}  // namespace payloom::config
