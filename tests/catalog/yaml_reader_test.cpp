// Goal: the catalogue's YAML is read exactly or refused with every mistake at its place. Method: texts in, problems
// out.
#include "config/catalog/yaml_reader.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"
#include "tests/catalog/catalog_fixture.hpp"

namespace payloom::config {
namespace {

using catalog_test::lines_of;

TEST(yaml_reader, refuses_what_is_no_single_document) {
  struct row {
    std::string text, problems;
  };
  const row rows[] = {
      {"", "f: the file is empty: definitions are expected\n"},
      {"# only a comment\n", "f: the file is empty: definitions are expected\n"},
      {"a: 1\n---\nb: 2\n", "f:3:1: a second document begins here: only one is allowed\n"},
      {"a: [1, 2", "f:1:1: not YAML: end of sequence flow not found\n"},
      {std::string((1u << 20) + 1, '#'), "f: larger than 1 MiB: this is no catalogue file\n"},
  };
  for (const row& r : rows) {
    yaml_reader reader("f");
    EXPECT_FALSE(reader.parse(r.text));
    EXPECT_EQ(lines_of(reader), r.problems) << r.text.substr(0, 40);
  }
}

TEST(yaml_reader, reads_files) {
  const std::string path = testing::TempDir() + "catalog_reader_test_" + std::to_string(getpid()) + ".yaml";
  std::ofstream(path) << "a: 1\n";
  yaml_reader reader("f");
  const std::optional<YAML::Node> root = reader.parse_file(path);
  unlink(path.c_str());
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["a"].Scalar(), "1");
  EXPECT_FALSE(reader.parse_file(path));
  EXPECT_EQ(lines_of(reader), "f: cannot be read: name a file that exists and may be read\n");
}

TEST(yaml_reader, entries_and_names) {
  yaml_reader reader("f");
  const std::optional<YAML::Node> root = reader.parse(
      "good: {a: 1, b: 2, a: 3, 1x: 4, ? [p] : 5}\n"
      "flat: word\n"
      "list: [a, b, a, -, [q]]\n");
  ASSERT_TRUE(root);
  const std::vector<yaml_entry> entries = reader.entries((*root)["good"], "good", 5);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].key.text, "a");
  EXPECT_EQ(entries[0].key.at, (source_place{1, 8}));
  EXPECT_EQ(entries[1].value.Scalar(), "2");
  EXPECT_TRUE(reader.entries((*root)["good"], "again", 4).empty());
  EXPECT_TRUE(reader.entries((*root)["flat"], "flat", 5).empty());
  EXPECT_EQ(reader.names((*root)["list"], "list", 5).size(), 2u);
  EXPECT_TRUE(reader.names((*root)["list"], "list", 4).empty());
  EXPECT_TRUE(reader.names((*root)["flat"], "flat", 4).empty());
  const std::string rest = "a name is expected: a letter, then letters, digits or _, at most 48 in all\n";
  EXPECT_EQ(lines_of(reader),
            "f:1:7: again: 5 entries are more than the 4 allowed\n"
            "f:1:20: good: a stands twice: remove one\n"
            "f:1:26: good: `1x` is no name: " +
                rest + "f:1:35: good: " + rest +
                "f:2:7: flat: a map is expected, one `name: ...` per entry\n"
                "f:2:7: flat: a list is expected\n"
                "f:3:7: list: 5 entries are more than the 4 allowed\n"
                "f:3:14: list: a stands twice: remove one\n"
                "f:3:17: list: `-` is no name: " +
                rest + "f:3:20: list: " + rest);
}

TEST(yaml_map, reads_every_kind_of_value) {
  yaml_reader reader("f");
  const std::optional<YAML::Node> root = reader.parse(
      "{name: PAID, names: [a, b], count: 16k, amount: 340282366920938463463374607431768211455, flag: true, time: 2d, "
      "word: blue}");
  ASSERT_TRUE(root);
  yaml_map map(reader, *root, "thing", {"name", "names", "count", "amount", "flag", "time", "word", "absent"});
  static constexpr std::array<std::string_view, 2> words = {"red", "blue"};
  EXPECT_EQ(map.name("name", presence::needed)->text, "PAID");
  EXPECT_EQ(map.names("names", presence::needed, 2).size(), 2u);
  EXPECT_EQ(map.count("count", presence::needed, 1, 16'000), 16'000u);
  EXPECT_EQ(map.amount("amount", presence::needed, 0, u128_max), u128_max);
  EXPECT_EQ(map.flag("flag", presence::needed), true);
  EXPECT_EQ(map.duration("time", presence::needed, std::chrono::hours(48)), std::chrono::hours(48));
  EXPECT_EQ(map.word("word", presence::needed, words), 1u);
  EXPECT_FALSE(map.has("absent"));
  EXPECT_FALSE(map.name("absent", presence::optional));
  EXPECT_EQ(lines_of(reader), "");
  EXPECT_FALSE(map.name("absent", presence::needed));
  EXPECT_EQ(lines_of(reader), "f:1:1: thing: `absent` is missing: add it\n");
}

TEST(yaml_map, refuses_what_is_not_meant) {
  struct row {
    std::string_view value, problem;
  };
  const auto problems = [](std::string_view value, const auto& read) {
    yaml_reader reader("f");
    const std::optional<YAML::Node> root = reader.parse("{key: " + std::string(value) + "}");
    yaml_map map(reader, *root, "thing", {"key"});
    read(map);
    return lines_of(reader);
  };
  const row counts[] = {{"010", "a leading zero is not allowed (it could be meant as octal)"},
                        {"0x10", "hexadecimal and octal numbers are not allowed here"},
                        {"-1", "a sign is not allowed"},
                        {"9", "9 is out of bounds: 1 .. 8"},
                        {"[1]", "a single value is expected"}};
  for (const row& r : counts) {
    EXPECT_EQ(problems(r.value, [](yaml_map& m) { m.count("key", presence::needed, 1, 8); }),
              "f:1:7: thing: key: " + std::string(r.problem) + "\n");
  }
  const row amounts[] = {
      {"1.50", "`1.50` is no amount: minor units are written as digits only"},
      {"340282366920938463463374607431768211456",
       "`340282366920938463463374607431768211456` is no amount: minor units are written as digits only"},
      {"0", "0 is out of bounds: 1 .. 100"}};
  for (const row& r : amounts) {
    EXPECT_EQ(problems(r.value, [](yaml_map& m) { m.amount("key", presence::needed, 1, 100); }),
              "f:1:7: thing: key: " + std::string(r.problem) + "\n");
  }
  const row times[] = {{"5", "`5` has no known unit: durations are written like 30min (s, min, h, d)"},
                       {"d", "`d` is no duration: durations are written like 30min (s, min, h, d)"},
                       {"0s", "0s is out of bounds: 1s .. 60s"},
                       {"99999999999999999999d",
                        "`99999999999999999999d` is no duration: durations are written like "
                        "30min (s, min, h, d)"},
                       {"9999999999999999999d", "9999999999999999999d is out of bounds: 1s .. 60s"}};
  for (const row& r : times) {
    EXPECT_EQ(problems(r.value, [](yaml_map& m) { m.duration("key", presence::needed, std::chrono::seconds(60)); }),
              "f:1:7: thing: key: " + std::string(r.problem) + "\n");
  }
  EXPECT_EQ(problems("yes", [](yaml_map& m) { m.flag("key", presence::needed); }),
            "f:1:7: thing: key: `yes` is unknown: choose one of false, true\n");
}

TEST(yaml_map, checks_its_keys) {
  yaml_reader reader("f");
  const std::optional<YAML::Node> root = reader.parse("a:\n  color: 1\n  size: 2\n  size: 3\n  [x]: 4\nb: [1]\n");
  ASSERT_TRUE(root);
  const yaml_map keys(reader, (*root)["a"], "thing", {"colour", "size"});
  const yaml_map none(reader, (*root)["b"], "other", {"colour", "size"});
  EXPECT_TRUE(keys.has("size"));
  EXPECT_EQ(keys.place_of("size"), (source_place{3, 9}));
  EXPECT_EQ(lines_of(reader),
            "f:2:3: thing: unknown key `color` (did you mean colour?)\n"
            "f:4:3: thing: size stands twice: remove one\n"
            "f:5:3: thing: unknown key ``: choose one of colour, size\n"
            "f:6:4: other: a map with the keys colour, size is expected\n");
}

TEST(catalog_names, are_words_of_bounded_length) {
  for (const char* name : {"a", "PAID", "wallet_pay2", "Z9_"}) EXPECT_TRUE(is_catalog_name(name)) << name;
  for (const char* name : {"", "1a", "_a", "a-b", "a b", "\xc3\xa4", "a.b"})
    EXPECT_FALSE(is_catalog_name(name)) << name;
  EXPECT_TRUE(is_catalog_name(std::string(limits::catalog_name_bytes_max, 'x')));
  EXPECT_FALSE(is_catalog_name(std::string(limits::catalog_name_bytes_max + 1, 'x')));
}

}  // namespace
}  // namespace payloom::config
