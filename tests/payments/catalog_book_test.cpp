// Goal: a version is taken whole or not at all, is there after every restart, and never becomes another (PC-4, PC-5).
// Method: the book over a directory of its own, with the operator's folder changed step by step.
#include <gmock/gmock.h>

#include <optional>

#include "actors/app/catalog_book.hpp"
#include "storage/ports.hpp"
#include "tests/payments/payments_fixture.hpp"
#include "tests/support/edited_catalog.hpp"
#include "tests/support/temporary_directory.hpp"

namespace payloom::test {
namespace {

using app::catalog_book;
using app::catalog_outcome;
using testing::ElementsAre;
using testing::HasSubstr;

class catalog_books : public ::testing::Test {
 protected:
  void open() { book.emplace(folder(), ledgers, data(), start); }
  std::string folder() const { return (directory.path() / "payments").string(); }
  std::string data() const { return (directory.path() / "data").string(); }
  static app::catalog_signature anna(time_ns at = start) { return {at, "anna", "bela", "why"}; }
  std::vector<std::uint32_t> versions() const {
    std::vector<std::uint32_t> all;
    for (const auto& s : book->stored()) all.push_back(s.version);
    return all;
  }
  std::uint32_t active(time_ns now = start) const { return book->registry()->active(now).version(); }

  support::temporary_directory directory;
  config::ledger_directory ledgers;
  std::optional<catalog_book> book;
};

TEST_F(catalog_books, versions_follow_each_other_and_survive) {
  support::edited_catalog files;
  files.write(folder());
  open();
  EXPECT_TRUE(book->reload(anna()).known) << "it is what was taken at the start";
  files.version(2).replace("fees.yaml", "rate_millionths: 14000", "rate_millionths: 9000").write(folder());
  const catalog_outcome checked = book->reload(anna(), 0, true);
  EXPECT_TRUE(checked.accepted());
  EXPECT_EQ(checked.version, 2u);
  EXPECT_EQ(active(), 1u) << "only looked at";
  EXPECT_FALSE(book->reload(anna(), 7).accepted()) << "another one was asked for";
  ASSERT_TRUE(book->reload(anna(), 2).accepted());
  EXPECT_EQ(active(), 2u);
  for (int restart = 0; restart < 2; ++restart) {
    open();
    EXPECT_THAT(versions(), ElementsAre(1u, 2u));
    EXPECT_EQ(active(), 2u);
    EXPECT_EQ(book->stored()[1].accepted.maker, "anna");
    EXPECT_EQ(book->stored()[1].accepted.note, "why");
  }
  support::edited_catalog{}.write(folder());
  open();
  EXPECT_EQ(active(), 2u) << "the folder went back to a version that is known: nothing happens";
}

TEST_F(catalog_books, wrong_ones_change_nothing_and_say_everything) {
  support::edited_catalog{}.write(folder());
  open();
  const auto refused = [&](const support::edited_catalog& files) {
    files.write(folder());
    const catalog_outcome out = book->reload(anna());
    EXPECT_FALSE(out.accepted());
    EXPECT_THAT(versions(), ElementsAre(1u));
    std::string all;
    for (const std::string& p : out.problems) all += p + "\n";
    return all;
  };
  EXPECT_THAT(refused(support::edited_catalog{}.replace("fees.yaml", "14000", "13000")),
              HasSubstr("version: 1 is known with other content"));
  const std::string two = refused(support::edited_catalog{}
                                      .version(2)
                                      .replace("business_map.yaml", "code: 101\n", "code: 199\n")
                                      .replace("chart.yaml", "fee_income:", "fee_earned:"));
  EXPECT_THAT(two, HasSubstr("chart.yaml"));
  EXPECT_THAT(two, HasSubstr("fee_earned"));
  std::filesystem::remove(folder() + "/fees.yaml");
  const catalog_outcome missing = book->reload(anna());
  ASSERT_FALSE(missing.accepted());
  EXPECT_THAT(missing.problems.front(), HasSubstr("fees.yaml: cannot be read"));
  EXPECT_THROW(open(), std::runtime_error) << "nor does a server start with it";
}

TEST_F(catalog_books, a_version_is_taken_back) {
  support::edited_catalog files;
  files.write(folder());
  open();
  EXPECT_FALSE(book->retire(1, anna()).accepted()) << "nothing would be left";
  EXPECT_FALSE(book->retire(9, anna()).accepted());
  files.version(4).write(folder());
  ASSERT_TRUE(book->reload(anna()).accepted());
  ASSERT_TRUE(book->retire(4, anna()).accepted());
  EXPECT_TRUE(book->retire(4, anna()).known);
  EXPECT_EQ(active(), 1u);
  open();
  EXPECT_EQ(active(), 1u) << "after a restart, with the folder still at 4";
  EXPECT_NE(book->registry()->find(4), nullptr);
  files.version(3).write(folder());
  const catalog_outcome older = book->reload(anna());
  ASSERT_FALSE(older.accepted());
  EXPECT_THAT(older.problems.front(), HasSubstr("version: 3 is older than 4"));
}

TEST_F(catalog_books, the_first_one_may_be_retired_too) {
  support::edited_catalog files;
  files.write(folder());
  open();
  files.version(2).write(folder());
  ASSERT_TRUE(book->reload(anna()).accepted());
  ASSERT_TRUE(book->retire(1, anna()).accepted());
  open();
  EXPECT_THAT(versions(), ElementsAre(1u, 2u));
  EXPECT_EQ(active(), 2u);
  EXPECT_NE(book->registry()->find(1), nullptr);
}

TEST_F(catalog_books, damage_is_seen_and_unfinished_ones_are_not) {
  support::edited_catalog files;
  files.write(folder());
  open();
  std::filesystem::create_directories(data() + "/catalogs/2.new");
  open();
  EXPECT_THAT(versions(), ElementsAre(1u)) << "a crash came before it was accepted";
  files.version(2).write(folder());
  EXPECT_TRUE(book->reload(anna()).accepted()) << "what the crash left is no obstacle";
  std::ofstream(data() + "/catalogs/1/fees.yaml", std::ios::app) << "# more\n";
  EXPECT_THROW(open(), storage::storage_failure);
}

}  // namespace
}  // namespace payloom::test
